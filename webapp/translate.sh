#!/bin/bash
# Brings the catalogues up to date with the texts in the code. English is the language of the code, so only Spanish has a
# catalogue. Run it after changing a text, fill in what messages.po lacks, run it again, and commit both files; a test
# fails while a text is missing or messages.mo is old.
set -euo pipefail
cd "$(dirname "$0")"
. ./setup.sh
prepare_python
catalogue=src/cloudnova_webapp/translations/es/LC_MESSAGES/messages
template=$(mktemp)
trap 'rm -f "$template"' EXIT
babel() { "$VENV/bin/pybabel" --quiet "$@"; }
(cd src && babel extract -F ../babel.cfg -k lazy_gettext --no-location --omit-header --sort-output -o "$template" .)
mkdir -p "$(dirname $catalogue)"
[ -f $catalogue.po ] || babel init -i "$template" -l es -o $catalogue.po
babel update -i "$template" -l es -o $catalogue.po --no-fuzzy-matching --omit-header --ignore-obsolete
# The header alone is fuzzy: matching is off above.
babel compile --use-fuzzy -i $catalogue.po -o $catalogue.mo
"$VENV/bin/pybabel" compile --use-fuzzy -i $catalogue.po -o /dev/null --statistics
