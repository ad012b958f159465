# Runs in an application's container (sh -c), for `cloudnova import data`.
# $1: what to do  $2: the folder of the volume
set -eu
cd "$2"
new=.cloudnova-import old=.cloudnova-replaced
found() { find . \( -path "./$new" -o -path "./$old" -o -path ./lost+found \) -prune -o -type f "$@"; }
# Every entry of the folder but those of ours and of the file system.
each() {
  for entry in .[!.]* ..?* *; do
    case $entry in "$new" | "$old" | lost+found) continue ;; esac
    if [ -e "$entry" ] || [ -L "$entry" ]; then "$@" "$entry"; fi
  done
}
to_old() { mv "$1" "$old/"; }
to_parent() { mv "$1" ../; }

case $1 in
  # The number of files and of their bytes.
  count) echo "$(found -print | wc -l) $(found -exec cat {} + | wc -c)" ;;
  # Reads an archive into a folder of its own: a part of it is never seen.
  receive)
    rm -rf "$new"
    mkdir "$new"
    tar -xof - -C "$new"
    cd "$new"
    echo "$(find . -type f -print | wc -l) $(find . -type f -exec cat {} + | wc -c)"
    ;;
  # Puts what was received in the place of what was there.
  accept)
    rm -rf "$old"
    mkdir "$old"
    each to_old
    (cd "$new" && each to_parent)
    rm -rf "$new" "$old"
    ;;
  discard) rm -rf "$new" ;;
esac
