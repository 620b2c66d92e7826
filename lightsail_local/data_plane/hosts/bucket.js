// SPDX-License-Identifier: GPL-3.0-or-later
// In front of the S3 server: objects that are public one by one. The server behind knows no such thing (it takes canned ACLs
// and does not act on them), so who wrote "public-read" is noted here, and anonymous reads of such objects are signed here.
// And keys of instances' roles: they are good with their session token only, of which the server behind knows nothing either (it
// takes every token for one of its own). What is signed with a token is checked here, and signed again without it.
// SETTINGS (the key that may read everything) is put before this text by bucket.py.

import crypto from 'crypto';
import fs from 'fs';

const NOTES = '/data/public';
const OPEN = '/etc/s3/open.json'; // buckets whose single objects may be public, at this moment
const ROLES = '/etc/s3/roles.json'; // {access key: {secret, token, granted}} of instances, at this moment
const TOKEN = 'x-amz-security-token';

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

function parameters(r) {
    const decode = (text) => decodeURIComponent(text.replace(/\+/g, ' '));
    return split(r)[1].split('&').filter((part) => part).map((part) => {
        const at = part.indexOf('=');
        return at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))];
    });
}

// How a request is signed (version 4), in its header or in its address; null when it is not.
function signed(r) {
    const found = {};
    const header = r.headersIn.Authorization || '';
    if (header.startsWith('AWS4-HMAC-SHA256')) {
        header.slice(16).split(',').forEach((part) => {
            const at = part.indexOf('=');
            found[part.slice(0, at).trim()] = part.slice(at + 1).trim();
        });
        return { scope: (found.Credential || '').split('/'), names: (found.SignedHeaders || '').split(';'), signature: found.Signature,
            token: r.headersIn[TOKEN] || '', date: r.headersIn['x-amz-date'] || '', payload: r.headersIn['x-amz-content-sha256'] || '',
            inHeader: true };
    }
    parameters(r).forEach((pair) => {
        found[pair[0]] = pair[1];
    });
    if (!found['X-Amz-Signature']) {
        return null;
    }
    return { scope: (found['X-Amz-Credential'] || '').split('/'), names: (found['X-Amz-SignedHeaders'] || '').split(';'),
        signature: found['X-Amz-Signature'], token: found['X-Amz-Security-Token'] || '', date: found['X-Amz-Date'] || '',
        payload: 'UNSIGNED-PAYLOAD', inHeader: false };
}

// The request's parameters for a signature, in order; without the token if so wished.
function query(r, withToken) {
    return parameters(r)
        .filter((pair) => pair[0] !== 'X-Amz-Signature' && (withToken || pair[0] !== 'X-Amz-Security-Token'))
        .map((pair) => [encode(pair[0]), encode(pair[1])])
        .sort((one, two) => (one[0] < two[0] ? -1 : one[0] > two[0] ? 1 : one[1] < two[1] ? -1 : 1))
        .map((pair) => pair[0] + '=' + pair[1])
        .join('&');
}

function path(r) {
    return split(r)[0].split('/').map((part) => encode(decodeURIComponent(part))).join('/');
}

function names(what, withToken) {
    return what.names.filter((name) => withToken || name !== TOKEN);
}

function hmac(secret, text) {
    return crypto.createHmac('sha256', secret).update(text).digest();
}

function sign(secret, stamp, scope, request) {
    const key = scope.reduce(hmac, 'AWS4' + secret);
    return crypto.createHmac('sha256', key).update(['AWS4-HMAC-SHA256', stamp, scope.join('/'), hex(request)].join('\n')).digest('hex');
}

function signature(r, what, secret, withToken) {
    const headers = names(what, withToken).map((name) => `${name}:${(r.headersIn[name] || '').trim().replace(/ +/g, ' ')}\n`).join('');
    const request = [r.method, path(r), query(r, withToken), headers, names(what, withToken).join(';'), what.payload].join('\n');
    return sign(secret, what.date, what.scope.slice(1), request);
}

// The role that signed the request, null if none did.
function role(what) {
    return what === null ? null : JSON.parse(fs.readFileSync(ROLES, 'utf8'))[what.scope[0]] || null;
}

// The answer to a request of a role that is not to be served; '' for all others.
function refuse(r) {
    const what = signed(r);
    const who = role(what);
    if (who === null) {
        return '';
    }
    const say = (code, message) => `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    if (what.token !== who.token) {
        return say('AccessDenied', 'Access Denied');
    }
    if (signature(r, what, who.secret, true) !== what.signature) {
        return say('SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.');
    }
    if (what.payload.startsWith('STREAMING-AWS4')) {
        return say('NotImplemented', 'This local S3 takes no payload that is signed in chunks from a role.');
    }
    return who.granted ? '' : say('AccessDenied', 'Access Denied');
}

function uri(r) {
    if (r.variables.s3_open === '1') {
        return path(r);
    }
    const what = signed(r);
    const who = role(what);
    if (who === null || what.inHeader) {
        return r.variables.request_uri;
    }
    return `${path(r)}?${query(r, false)}&X-Amz-Signature=${signature(r, what, who.secret, false)}`;
}

function token(r) {
    return role(signed(r)) === null ? r.headersIn[TOKEN] || '' : '';
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
    const words = (access, scope, list, value) => `AWS4-HMAC-SHA256 Credential=${access}/${scope.join('/')}, SignedHeaders=${list.join(';')}, Signature=${value}`;
    if (r.variables.s3_open !== '1') {
        const what = signed(r);
        const who = role(what);
        if (who === null || !what.inHeader) {
            return r.headersIn.Authorization || '';
        }
        return words(what.scope[0], what.scope.slice(1), names(what, false), signature(r, what, who.secret, false));
    }
    const stamp = r.variables.s3_now;
    const scope = [stamp.slice(0, 8), 'us-east-1', 's3', 'aws4_request'];
    const list = ['host', 'x-amz-content-sha256', 'x-amz-date'];
    const request = [r.method, path(r), '', `host:${r.headersIn.Host}`, 'x-amz-content-sha256:UNSIGNED-PAYLOAD', `x-amz-date:${stamp}`, '',
        list.join(';'), 'UNSIGNED-PAYLOAD'].join('\n');
    return words(SETTINGS.access, scope, list, sign(SETTINGS.secret, stamp, scope, request));
}

// When the server has said yes to a write: note what it makes of the object.
function written(r) {
    const what = target(r);
    if (r.status >= 300 || !what.key || !/^[a-z0-9.-]+$/.test(what.bucket)) {
        return;
    }
    const asked = split(r)[1];
    const acl = r.headersIn['x-amz-acl'] || '';
    const whole = !asked || /^x-id=/.test(asked);
    if ((r.method === 'PUT' && (whole || /^acl\b/.test(asked))) || (r.method === 'POST' && /^uploads\b/.test(asked))) {
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

export default { open, refuse, uri, token, now, date, payload, authorization, written };
