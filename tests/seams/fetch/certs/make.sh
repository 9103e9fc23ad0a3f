#!/bin/sh
# Makes the certificates of the TLS tests anew: an authority of our own and what it signed.
# They are made up, secure nothing, and last for a hundred years (one has run out on purpose).
set -eu
cd "$(dirname "$0")"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
key authority
openssl req -x509 -new -key authority.key -sha256 -days 36500 -subj "/CN=Made-up Authority" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
  -out authority.pem
sign() { # name, DNS name, notBefore, notAfter
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\n' "$2" > ext
  : > index; echo "$5" > serial
  openssl ca -batch -config ca.cnf -in "$1.csr" -startdate "$3" -enddate "$4" -extfile ext \
    -notext -out "$1.crt" 2>/dev/null
  cat "$1.key" "$1.crt" > "$1.pem"
}
cat > ca.cnf <<'C'
[ca]
default_ca = made
[made]
database = index
serial = serial
new_certs_dir = .
certificate = authority.pem
private_key = authority.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
C
sign good feed.test 20240101000000Z 21231231235959Z 01
sign expired feed.test 20200101000000Z 20210101000000Z 02
sign other-name other.test 20240101000000Z 21231231235959Z 03
key self-signed
openssl req -x509 -new -key self-signed.key -sha256 -days 36500 -subj "/CN=feed.test" \
  -addext "subjectAltName=DNS:feed.test" -out self-signed.crt
cat self-signed.key self-signed.crt > self-signed.pem
rm -f -- *.key *.csr *.crt ca.cnf ext index* serial* 0?.pem
