#!/usr/bin/env bash
# Makes anew what is here: an authority, and the certificates of servers on this machine that it has signed, one of which was good
# for a day. The authority's key is thrown away. The others are good for a century, and all of them for nothing but tests.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

cat >ca.cnf <<'END'
[ca]
default_ca = tests
[tests]
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[expired]
subjectAltName = DNS:expired.localhost
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[server]
subjectAltName = DNS:localhost, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END
touch index
echo 01 >serial

# sign <name> <subject> <extensions> <more for openssl ca>...
sign() {
    local name=$1 subject=$2 extensions=$3
    shift 3
    openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
    openssl req -new -key "$name.key" -subj "/CN=$subject" -out "$name.csr"
    openssl ca -config ca.cnf -batch -notext -in "$name.csr" -out "$name.pem" -extensions "$extensions" \
        -startdate 20200101000000Z -enddate "$end" "$@"
}
end=21200101000000Z
sign authority "The tests of Rondo" authority -selfsign -keyfile authority.key
sign server localhost server -cert authority.pem -keyfile authority.key
end=20200102000000Z
sign expired expired.localhost expired -cert authority.pem -keyfile authority.key

install -m 644 authority.pem server.pem server.key expired.pem expired.key "$here"
