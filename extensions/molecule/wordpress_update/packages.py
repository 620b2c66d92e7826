"""packages.py DIRECTORY: makes the zips of this scenario there, puts one where anyone can get it, and prints their SHA-256."""
import hashlib
import json
import os
import sys
import time
import zipfile

import boto3

BUCKET = "molecule-update"


def plugin(name, version, code=""):
    return {f"{name}/{name}.php": f"<?php\n/**\n * Plugin Name: {name}\n * Version: {version}\n */\n"
                                  f"add_action( 'wp_head', function () {{ {code} echo \"<meta name='{name}' content='{version}'>\"; }} );\n"}


PACKAGES = {
    "banner-2.0": plugin("banner", "2.0"),
    # A page that answers as before may be of another length.
    "notice-2.0": plugin("notice", "2.0", "echo '<!-- notice writes more than before -->';"),
    # Half a page with status 200.
    "notice-broken": plugin("notice", "6.6.6", "flush(); die();"),
    "outside": {**plugin("notice", "3.0"), "notice/../../evil.php": "<?php"},
    "too-new": {"notice/notice.php": "<?php\n/* Plugin Name: notice\n * Version: 9\n * Requires PHP: 99.0 */\n"},
    "renamed": {"notice/other.php": "<?php\n/* Plugin Name: notice\n * Version: 9 */\n"},
}
sums = {}
for name, files in PACKAGES.items():
    path = os.path.join(sys.argv[1], f"{name}.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in files.items():
            archive.writestr(inner, text)
    with open(path, "rb") as handle:
        sums[name] = {"path": path, "sha256": hashlib.sha256(handle.read()).hexdigest()}
lightsail = boto3.client("lightsail")
lightsail.create_bucket(bucketName=BUCKET, bundleId="small_1_0")
lightsail.update_bucket(bucketName=BUCKET, accessRules={"getObject": "public"})
key = lightsail.create_bucket_access_key(bucketName=BUCKET)["accessKey"]
s3 = boto3.client("s3", aws_access_key_id=key["accessKeyId"], aws_secret_access_key=key["secretAccessKey"])
for attempt in range(60):  # a new key is known everywhere after a while
    try:
        s3.upload_file(sums["banner-2.0"]["path"], BUCKET, "banner.zip")
        break
    except boto3.exceptions.S3UploadFailedError:
        if attempt == 59:
            raise
        time.sleep(1)
print(json.dumps(sums))
