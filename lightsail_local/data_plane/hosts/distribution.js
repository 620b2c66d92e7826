// SPDX-License-Identifier: GPL-3.0-or-later
// What a distribution decides per request; nginx does the rest. SETTINGS is put before this text by distribution.py.

import crypto from 'crypto';

const SECONDS_OF_ERRORS = 10; // seconds that CloudFront keeps an error by default

// The path as the origin is asked for it: encoded in one canonical way, as a signature needs it.
function path(r) {
    let text = r.variables.request_uri.split('?')[0];
    if (text === '/' && SETTINGS.root) {
        text = '/' + SETTINGS.root;
    }
    if (!SETTINGS.bucket) {
        return text;
    }
    try {
        return text.split('/').map((part) => encode(decodeURIComponent(part))).join('/');
    } catch (e) {
        return text;
    }
}

function encode(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

function args(r) {
    const all = r.variables.args || '';
    if (!all || r.variables.behavior === 'dont-cache' || SETTINGS.query === 'all') {
        return all;
    }
    if (SETTINGS.query === 'none') {
        return '';
    }
    return all.split('&').filter((pair) => SETTINGS.queryList.includes(decodeURIComponent(pair.split('=')[0]))).join('&');
}

function uri(r) {
    const query = args(r);
    return path(r) + (query ? '?' + query : '');
}

function cookies(r) {
    const all = r.headersIn.Cookie || '';
    if (r.variables.behavior === 'dont-cache' || SETTINGS.cookies === 'all') {
        return all;
    }
    if (SETTINGS.cookies === 'none') {
        return '';
    }
    return all.split(/;\s*/).filter((pair) => {
        const name = pair.split('=')[0];
        return SETTINGS.cookieList.some((want) => (want.endsWith('*') ? name.startsWith(want.slice(0, -1)) : name === want));
    }).join('; ');
}

function forwards(r, header) {
    return r.variables.behavior === 'dont-cache' || SETTINGS.headers === 'all' || SETTINGS.headerList.includes(header.toLowerCase());
}

// One viewer header as the origin sees it: what is not forwarded is removed.
function header(name) {
    return (r) => (forwards(r, name) ? r.headersIn[name] || '' : '');
}

// A bucket is only found under its own name.
function host(r) {
    return !SETTINGS.bucket && forwards(r, 'Host') ? r.headersIn.Host || SETTINGS.host : SETTINGS.host;
}

function agent(r) {
    return r.variables.behavior === 'dont-cache' ? r.headersIn['User-Agent'] || 'Amazon CloudFront' : 'Amazon CloudFront';
}

function encoding(r) {
    return r.variables.behavior === 'dont-cache' ? r.headersIn['Accept-Encoding'] || '' : '';
}

// Not forwarded with GET and HEAD unless listed; other methods keep it.
function authorization(r) {
    return forwards(r, 'Authorization') || !['GET', 'HEAD'].includes(r.method) ? r.headersIn.Authorization || '' : '';
}

function proto(r) {
    return SETTINGS.headers === 'all' || SETTINGS.headerList.includes('cloudfront-forwarded-proto') || r.variables.behavior === 'dont-cache'
        ? r.variables.scheme : '';
}

function key(r) {
    const parts = [SETTINGS.generation, r.method === 'OPTIONS' ? 'OPTIONS' : 'GET', uri(r), cookies(r)];
    SETTINGS.headerList.forEach((name) => {
        parts.push(name === 'cloudfront-forwarded-proto' ? r.variables.scheme : r.headersIn[name] || '');
    });
    return parts.join('\n');
}

function generation(_) {
    return String(SETTINGS.generation);
}

// -- towards the origin ---------------------------------------------------------------------------------------------------

// How long the edge may keep the answer, from the origin's own words and within the limits (X-Accel-Expires tells nginx).
function lifetime(r) {
    if (r.headersIn['X-Cdn-Behavior'] === 'dont-cache') {
        return;
    }
    const words = {};
    (r.headersOut['Cache-Control'] || '').split(',').forEach((word) => {
        const pair = word.trim().toLowerCase().split('=');
        words[pair[0]] = pair.length > 1 ? parseInt(pair[1], 10) : true;
    });
    let seconds = SETTINGS.defaultTtl;
    if ('no-cache' in words || 'no-store' in words || 'private' in words) {
        seconds = 0;
    } else if (words['s-maxage'] >= 0) {
        seconds = words['s-maxage'];
    } else if (words['max-age'] >= 0) {
        seconds = words['max-age'];
    } else if (r.headersOut.Expires) {
        seconds = Math.max(0, Math.floor((Date.parse(r.headersOut.Expires) - Date.now()) / 1000)) || 0;
    } else if (r.status >= 400) {
        seconds = String(r.status) in SETTINGS.errors ? 0 : SECONDS_OF_ERRORS;
    }
    if (r.status >= 400) {
        seconds = Math.max(seconds, SETTINGS.errors[String(r.status)] || 0);
    } else {
        seconds = Math.min(Math.max(seconds, SETTINGS.minimumTtl), SETTINGS.maximumTtl);
    }
    r.headersOut['X-Accel-Expires'] = String(seconds);
    r.headersOut['X-Cdn-Time'] = String(Math.floor(Date.now() / 1000));
}

// On the way out: how old a copy is, as CloudFront says it.
function age(r) {
    const since = r.headersOut['X-Cdn-Time'];
    if (since) {
        if (r.variables.upstream_cache_status === 'HIT') {
            r.headersOut.Age = String(Math.max(0, Math.floor(Date.now() / 1000) - parseInt(since, 10)));
        }
        delete r.headersOut['X-Cdn-Time'];
    }
}

// Private origin access: the distribution signs its reads (AWS signature 4), so the bucket need not be public.
function date(_) {
    return new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function signature(r) {
    if (!SETTINGS.key) {
        return r.headersIn.Authorization || '';
    }
    const hmac = (secret, text) => crypto.createHmac('sha256', secret).update(text).digest();
    const now = r.variables.amz_date;
    const day = now.slice(0, 8);
    const at = r.variables.request_uri.indexOf('?');
    const where = at < 0 ? r.variables.request_uri : r.variables.request_uri.slice(0, at);
    const query = at < 0 ? '' : r.variables.request_uri.slice(at + 1).split('&').filter((pair) => pair).map((pair) => {
        const split = pair.split('=');
        return encode(decodeURIComponent(split[0])) + '=' + encode(decodeURIComponent(split.slice(1).join('=')));
    }).sort().join('&');
    const scope = `${day}/${SETTINGS.region}/s3/aws4_request`;
    const request = [r.method, where, query, `host:${SETTINGS.host}`, 'x-amz-content-sha256:UNSIGNED-PAYLOAD', `x-amz-date:${now}`, '',
        'host;x-amz-content-sha256;x-amz-date', 'UNSIGNED-PAYLOAD'].join('\n');
    const hash = crypto.createHash('sha256').update(request).digest('hex');
    const secret = hmac(hmac(hmac(hmac('AWS4' + SETTINGS.key.secret, day), SETTINGS.region), 's3'), 'aws4_request');
    const sign = crypto.createHmac('sha256', secret).update(['AWS4-HMAC-SHA256', now, scope, hash].join('\n')).digest('hex');
    return `AWS4-HMAC-SHA256 Credential=${SETTINGS.key.access}/${scope}, ` +
        `SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${sign}`;
}

function payload(_) {
    return SETTINGS.key ? 'UNSIGNED-PAYLOAD' : '';
}

function stamp(r) {
    return SETTINGS.key ? r.variables.amz_date : '';
}

const accept = header('Accept');
const charset = header('Accept-Charset');
const language = header('Accept-Language');
const origin = header('Origin');
const referer = header('Referer');

export default {
    generation, uri, cookies, host, agent, encoding, authorization, proto, key, lifetime, age, date, signature, payload, stamp,
    accept, charset, language, origin, referer,
};
