# Runs in an application's container (sh -c), for `cloudnova import data`.
# $1: what to do  $2: the folder of the volume
set -eu
cd "$2"
# What is received; what was there before, while it is moved away; the same once all of it is away; what is taken back.
new=.cloudnova-import leaving=.cloudnova-leaving old=.cloudnova-left back=.cloudnova-back
found() { find . \( -path "./$new" -o -path ./lost+found \) -prune -o -type f "$@"; }
# Every entry of the folder but those of ours and of the file system.
each() {
  for entry in .[!.]* ..?* *; do
    case $entry in "$new" | "$leaving" | "$old" | lost+found) continue ;; esac
    if [ -e "$entry" ] || [ -L "$entry" ]; then "$@" "$entry"; fi
  done
}
# A name may begin with -.
to() { mv "./$2" "$1/"; }
# Puts back what an `accept` that was broken off has moved. It may be broken off itself: the next one goes on.
undo() {
  if [ -d "$old" ]; then
    mkdir -p "$new/$back"
    each to "$new/$back"
    mv "$old" "$leaving"
  fi
  if [ -d "$leaving" ]; then
    (cd "$leaving" && each to ..)
    rmdir "$leaving"
  fi
}

case $1 in
  # The number of files and of their bytes. Those that wait to be put back count: a volume that has them is not empty.
  count) echo "$(found -print | wc -l) $(found -exec cat {} + | wc -c)" ;;
  # Reads an archive into a folder of its own: a part of it is never seen.
  receive)
    undo
    rm -rf "$new"
    mkdir "$new"
    tar -xof - -C "$new"
    cd "$new"
    echo "$(find . -type f -print | wc -l) $(find . -type f -exec cat {} + | wc -c)"
    ;;
  # Puts what was received in the place of what was there. Nothing is deleted before all is in its place.
  accept)
    mkdir "$leaving"
    each to "$leaving"
    mv "$leaving" "$old"
    (cd "$new" && each to ..)
    mv "$old" "$new/"
    rm -rf "$new"
    ;;
  discard)
    undo
    rm -rf "$new"
    ;;
esac
