#!/bin/sh
# Makes the certificates of the mail tests anew. They are made up and secure nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key"; }

new_key authority
openssl req -x509 -new -key "$work/authority.key" -days 36500 -subj "/CN=Made-up Mail Authority" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" \
  -out authority.pem

cat > "$work/ca.cnf" <<C
[ca]
default_ca = mail
[mail]
database = $work/index
serial = $work/serial
new_certs_dir = $work
certificate = authority.pem
private_key = $work/authority.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
C
: > "$work/index"
echo 01 > "$work/serial"

issue() { # file, name in the certificate, last day
  new_key "$1"
  openssl req -new -key "$work/$1.key" -subj "/CN=$2" -out "$work/$1.csr"
  printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\n' "$2" > "$work/ext"
  openssl ca -batch -notext -config "$work/ca.cnf" -in "$work/$1.csr" -extfile "$work/ext" \
    -startdate 20200101000000Z -enddate "$3" -out "$work/$1.crt" 2> /dev/null
  cat "$work/$1.key" "$work/$1.crt" > "$1.pem"
}
issue good localhost 21231231235959Z
issue expired localhost 20210101000000Z
issue other-name elsewhere.example 21231231235959Z
