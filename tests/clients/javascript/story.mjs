// Copyright (c) 2026 The cloudpress.lightsail authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// A site's resources from create to delete, with the AWS SDK for JavaScript and nothing but the environment. Says "story told" at its end.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as lightsail from "@aws-sdk/client-lightsail";
import * as domains from "@aws-sdk/client-route-53-domains";
import * as sts from "@aws-sdk/client-sts";

const client = new lightsail.LightsailClient({});
const home = new lightsail.LightsailClient({ region: "us-east-1" });
const send = (name, input = {}, to = client) => to.send(new lightsail[`${name}Command`](input));

async function until(what, condition) {
  for (const end = Date.now() + 60000; Date.now() < end; await sleep(50)) {
    const value = await condition();
    if (value) return value;
  }
  assert.fail(`not within a minute: ${what}`);
}

async function refused(name, input, type, text, to = client) {
  const error = await send(name, input, to).then(() => assert.fail(`${name} was not refused`), (caught) => caught);
  assert.ok(error instanceof lightsail[type], `${name}: ${error.name} instead of ${type}: ${error.message}`);
  assert.equal(error.name, type);
  assert.match(error.message, text);
  assert.equal(error.$metadata.httpStatusCode, 400);
  assert.equal(error.$metadata.attempts, 1, `${name} was tried again`);
  assert.ok(error.$metadata.requestId);
}

// Everything that waits: the operation first, then the resource.
async function ended(answer, to = client) {
  for (const { id } of answer.operations ?? [answer.operation]) {
    const operation = await until(`operation ${id}`, async () => {
      const found = (await send("GetOperation", { operationId: id }, to)).operation;
      return found.isTerminal && found;
    });
    assert.ok(operation.createdAt instanceof Date && operation.statusChangedAt >= operation.createdAt);
    assert.equal(operation.status, "Succeeded", JSON.stringify(operation));
  }
}

const caller = await new sts.STSClient({}).send(new sts.GetCallerIdentityCommand({}));
assert.equal(caller.Account, "123456789012");

// A clock that is wrong is put right by the answer, and the call is tried again.
const late = new lightsail.LightsailClient({ systemClockOffset: -3600e3 });
assert.equal((await send("GetInstances", {}, late)).$metadata.attempts, 2);

// Instances, and an address that stays
const tags = [{ key: "site", value: "shop" }, { key: "only" }];
const where = { availabilityZone: "eu-central-1a", blueprintId: "wordpress_ls_1_0", bundleId: "small_3_0" };
await ended(await send("CreateInstances", { instanceNames: ["web.1", "web.2"], ...where, tags }));
const state = async (name) => (await send("GetInstanceState", { instanceName: name })).state.name;
for (const name of ["web.1", "web.2"]) await until(`${name} runs`, async () => (await state(name)) === "running");
const { instance } = await send("GetInstance", { instanceName: "web.1" });
assert.equal(instance.tags[0].value, "shop");
assert.ok(instance.createdAt instanceof Date);
assert.equal(instance.arn.split(":")[4], caller.Account);
await refused("CreateInstances", { instanceNames: ["web.1"], ...where }, "InvalidInputException", /already in use: web.1/);
await refused("GetInstance", { instanceName: "nobody" }, "NotFoundException", /Instance does not exist: nobody/);
await ended(await send("OpenInstancePublicPorts", { instanceName: "web.1", portInfo: { fromPort: 8080, toPort: 8080, protocol: "TCP" } }));
const ports = (await send("GetInstancePortStates", { instanceName: "web.1" })).portStates;
assert.ok(ports.some((port) => port.fromPort === 8080 && port.protocol === "tcp"));
await ended(await send("AllocateStaticIp", { staticIpName: "ip" }));
await ended(await send("AttachStaticIp", { staticIpName: "ip", instanceName: "web.1" }));
assert.equal((await send("GetStaticIp", { staticIpName: "ip" })).staticIp.attachedTo, "web.1");
await ended(await send("TagResource", { resourceName: "web.1", tags: [{ key: "role", value: "primary" }] }));
await ended(await send("UntagResource", { resourceName: "web.1", tagKeys: ["only"] }));

// Keys, disks, snapshots
const pair = await send("CreateKeyPair", { keyPairName: "key" });
assert.match(pair.privateKeyBase64, /PRIVATE KEY/);
await ended(await send("CreateDisk", { diskName: "disk", availabilityZone: "eu-central-1a", sizeInGb: 8 }));
await until("disk", async () => (await send("GetDisk", { diskName: "disk" })).disk.state === "available");
await ended(await send("CreateInstanceSnapshot", { instanceName: "web.1", instanceSnapshotName: "snapshot" }));
const snapshot = async () => (await send("GetInstanceSnapshot", { instanceSnapshotName: "snapshot" })).instanceSnapshot.state;
await until("snapshot", async () => (await snapshot()) === "available");

// A bucket and its keys
await ended(await send("CreateBucket", { bucketName: "media-of-the-shop", bundleId: "small_1_0" }));
const { accessKey } = await send("CreateBucketAccessKey", { bucketName: "media-of-the-shop" });
assert.ok(accessKey.secretAccessKey);
await ended(await send("UpdateBucket", { bucketName: "media-of-the-shop", accessRules: { getObject: "public" } }));

// A database, which leaves a snapshot of its own
const database = { relationalDatabaseName: "db" };
await ended(
  await send("CreateRelationalDatabase", {
    ...database,
    relationalDatabaseBlueprintId: "mysql_8_0",
    relationalDatabaseBundleId: "micro_2_0",
    masterDatabaseName: "wordpress",
    masterUsername: "owner",
  }),
);
const databaseIs = async (word) => (await send("GetRelationalDatabase", database)).relationalDatabase.state === word;
await until("database", () => databaseIs("available"));
await ended(await send("UpdateRelationalDatabase", { ...database, backupRetentionEnabled: true, applyImmediately: true }));
await until("database", () => databaseIs("available"));
await ended(await send("DeleteRelationalDatabase", database));
const finals = await until("final snapshot", async () => {
  const found = (await send("GetRelationalDatabaseSnapshots")).relationalDatabaseSnapshots;
  return found.length && found[0].state === "available" && found;
});
assert.match(finals[0].name, /^db-FinalSnapshot-\d+$/);

// A load balancer, a certificate, a distribution, a zone
await ended(await send("CreateLoadBalancer", { loadBalancerName: "lb", instancePort: 80 }));
await until("lb", async () => (await send("GetLoadBalancer", { loadBalancerName: "lb" })).loadBalancer.state === "active");
await ended(await send("AttachInstancesToLoadBalancer", { loadBalancerName: "lb", instanceNames: ["web.1", "web.2"] }));
await ended(await send("UpdateLoadBalancerAttribute", { loadBalancerName: "lb", attributeName: "HealthCheckPath", attributeValue: "/health" }));
const alarm = { alarmName: "alarm", monitoredResourceName: "lb", metricName: "UnhealthyHostCount", threshold: 1 };
await ended(await send("PutAlarm", { ...alarm, comparisonOperator: "GreaterThanOrEqualToThreshold", evaluationPeriods: 1 }));
assert.equal((await send("GetAlarms")).alarms.length, 1);
await refused("CreateDomain", { domainName: "shop.example" }, "InvalidInputException", /only available in the us-east-1 Region/);
await ended(await send("CreateDomain", { domainName: "shop.example" }, home), home);
const entry = { domainName: "shop.example", domainEntry: { name: "www.shop.example", type: "A", target: "192.0.2.1" } };
await ended(await send("CreateDomainEntry", entry, home), home);
const entries = (await send("GetDomain", { domainName: "shop.example" }, home)).domain.domainEntries;
const { id } = entries.find((item) => item.type === "A" && item.name === "www.shop.example");
await ended(await send("UpdateDomainEntry", { ...entry, domainEntry: { ...entry.domainEntry, id, target: "192.0.2.2" } }, home), home);
await ended(await send("CreateCertificate", { certificateName: "cert", domainName: "shop.example" }, home), home);
const certificates = (await send("GetCertificates", { includeCertificateDetails: true }, home)).certificates;
assert.equal(certificates[0].certificateDetail.status, "PENDING_VALIDATION");
const cdn = { distributionName: "cdn" };
const origin = { name: "media-of-the-shop", regionName: "eu-central-1" };
const made = await send("CreateDistribution", { ...cdn, bundleId: "small_1_0", origin, defaultCacheBehavior: { behavior: "cache" } }, home);
await ended(made, home);
const deployed = async () => (await send("GetDistributions", cdn, home)).distributions[0].status === "Deployed";
await until("distribution", deployed);
await ended(await send("UpdateDistribution", { ...cdn, isEnabled: false }, home), home);
await until("distribution", deployed);

// What is not there is empty, and what is there comes in pages
assert.deepEqual((await send("GetContainerServices")).containerServices, []);
assert.equal((await send("IsVpcPeered")).isPeered, false);
let token, count = 0, pages = 0;
do {
  const page = await send("GetOperations", { pageToken: token });
  count += page.operations.length;
  pages += 1;
  token = page.nextPageToken;
} while (token);
assert.ok(pages > 1 && count > 20);
await refused("GetOperations", { pageToken: "nonsense" }, "InvalidInputException", /page token/);
const registrar = new domains.Route53DomainsClient({ region: "us-east-1" });
assert.deepEqual((await registrar.send(new domains.ListDomainsCommand({}))).Domains, []);

// And all goes
await ended(await send("DeleteDistribution", cdn, home), home);
await until("no distribution", () => send("GetDistributions", cdn, home).then(() => false, () => true));
await ended(await send("DeleteCertificate", { certificateName: "cert" }, home), home);
await ended(await send("DeleteDomainEntry", { ...entry, domainEntry: { ...entry.domainEntry, id, target: "192.0.2.2" } }, home), home);
await ended(await send("DeleteDomain", { domainName: "shop.example" }, home), home);
await ended(await send("DeleteAlarm", { alarmName: "alarm" }));
await ended(await send("DeleteLoadBalancer", { loadBalancerName: "lb" }));
await ended(await send("DeleteRelationalDatabaseSnapshot", { relationalDatabaseSnapshotName: finals[0].name }));
await refused("DeleteBucket", { bucketName: "media-of-the-shop" }, "InvalidInputException", /force/i);
await ended(await send("DeleteBucketAccessKey", { bucketName: "media-of-the-shop", accessKeyId: accessKey.accessKeyId }));
await ended(await send("DeleteBucket", { bucketName: "media-of-the-shop" }));
await ended(await send("DeleteInstanceSnapshot", { instanceSnapshotName: "snapshot" }));
await ended(await send("DeleteDisk", { diskName: "disk" }));
await ended(await send("DeleteKeyPair", { keyPairName: "key" }));
await ended(await send("DetachStaticIp", { staticIpName: "ip" }));
await ended(await send("ReleaseStaticIp", { staticIpName: "ip" }));
for (const name of ["web.1", "web.2"]) await ended(await send("DeleteInstance", { instanceName: name }));
await until("no instances", async () => (await send("GetInstances")).instances.length === 0);
await until("no names", async () => (await send("GetActiveNames")).activeNames.length === 0);
console.log("story told");
