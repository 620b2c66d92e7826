// SPDX-License-Identifier: GPL-3.0-or-later
// In front of the S3 server: objects that are public one by one. The server behind knows no such thing (it takes canned ACLs
// and does not act on them), so who wrote "public-read" is noted here, and anonymous reads of such objects are signed here.
// SETTINGS (the key that may read everything) is put before this text by bucket.py.

import crypto from 'crypto';
import fs from 'fs';

const NOTES = '/data/public';
const OPEN = '/etc/s3/open.json'; // buckets whose single objects may be public, at this moment

function encode(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

function hex(text) {
    return crypto.createHash('sha256').update(text).digest('hex');
}

function split(r) {
    const at = r.variables.request_uri.indexOf('?');
    return at < 0 ? [r.variables.request_uri, ''] : [r.variables.request_uri.slice(0, at), r.variables.request_uri.slice(at + 1)];
}

// What a request is about: by name of the host (bucket.s3.region...) or by path.
function target(r) {
    let key;
    try {
        key = decodeURIComponent(split(r)[0].slice(1));
    } catch (e) {
        return { bucket: '', key: '' };
    }
    const named = /^(.+)\.s3\.[a-z0-9-]+\.amazonaws\.com(:\d+)?$/.exec(r.headersIn.Host || '');
    if (named) {
        return { bucket: named[1], key: key };
    }
    const slash = key.indexOf('/');
    return slash < 0 ? { bucket: key, key: '' } : { bucket: key.slice(0, slash), key: key.slice(slash + 1) };
}

function note(what) {
    return `${NOTES}/${what.bucket}/${hex(what.key)}`;
}

function exists(path) {
    try {
        fs.accessSync(path);
        return true;
    } catch (e) {
        return false;
    }
}

function anonymous(r) {
    return !r.headersIn.Authorization && !/(^|&)(X-Amz-Signature|Signature)=/i.test(split(r)[1]);
}

// "1" for an anonymous read of a public object.
function open(r) {
    if (!['GET', 'HEAD'].includes(r.method) || !anonymous(r) || split(r)[1]) {
        return '';
    }
    const what = target(r);
    if (!what.key || !/^[a-z0-9.-]+$/.test(what.bucket) || !exists(note(what))) {
        return '';
    }
    return JSON.parse(fs.readFileSync(OPEN, 'utf8')).includes(what.bucket) ? '1' : '';
}

function uri(r) {
    if (r.variables.s3_open !== '1') {
        return r.variables.request_uri;
    }
    return split(r)[0].split('/').map((part) => encode(decodeURIComponent(part))).join('/');
}

function now(_) {
    return new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function date(r) {
    return r.variables.s3_open === '1' ? r.variables.s3_now : r.headersIn['x-amz-date'] || '';
}

function payload(r) {
    return r.variables.s3_open === '1' ? 'UNSIGNED-PAYLOAD' : r.headersIn['x-amz-content-sha256'] || '';
}

function authorization(r) {
    if (r.variables.s3_open !== '1') {
        return r.headersIn.Authorization || '';
    }
    const hmac = (secret, text) => crypto.createHmac('sha256', secret).update(text).digest();
    const stamp = r.variables.s3_now;
    const scope = `${stamp.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const names = 'host;x-amz-content-sha256;x-amz-date';
    const request = [r.method, uri(r), '', `host:${r.headersIn.Host}`, 'x-amz-content-sha256:UNSIGNED-PAYLOAD', `x-amz-date:${stamp}`, '',
        names, 'UNSIGNED-PAYLOAD'].join('\n');
    const secret = hmac(hmac(hmac(hmac('AWS4' + SETTINGS.secret, stamp.slice(0, 8)), 'us-east-1'), 's3'), 'aws4_request');
    const text = ['AWS4-HMAC-SHA256', stamp, scope, hex(request)].join('\n');
    const sign = crypto.createHmac('sha256', secret).update(text).digest('hex');
    return `AWS4-HMAC-SHA256 Credential=${SETTINGS.access}/${scope}, SignedHeaders=${names}, Signature=${sign}`;
}

// When the server has said yes to a write: note what it makes of the object.
function written(r) {
    const what = target(r);
    if (r.status >= 300 || !what.key || !/^[a-z0-9.-]+$/.test(what.bucket)) {
        return;
    }
    const query = split(r)[1];
    const acl = r.headersIn['x-amz-acl'] || '';
    const whole = !query || /^x-id=/.test(query);
    if ((r.method === 'PUT' && (whole || /^acl\b/.test(query))) || (r.method === 'POST' && /^uploads\b/.test(query))) {
        if (acl.startsWith('public-read')) {
            fs.mkdirSync(`${NOTES}/${what.bucket}`, { recursive: true });
            fs.writeFileSync(note(what), what.key);
            return;
        }
    } else if (r.method !== 'DELETE' || !whole) {
        return;
    }
    if (exists(note(what))) {
        fs.unlinkSync(note(what));
    }
}

export default { open, uri, now, date, payload, authorization, written };
