# Runs in MySQL's container (bash -c), for `cloudnova rotate database`: changes the password of one account.
# $1: what to do  $2: the account, as SQL writes it  $3: the port of MySQL's exporter  $4: the application, where it is one's account
# Standard input, a line each: the password before, and the new one; both of letters, digits, - and _ alone. No argument shows them.
set -euo pipefail
umask 077
run=/run/mysql
# The file of an account that may connect without TLS, and of its password before (prepare-applications.sh, log-in.sh).
plain=$run/application-$4.cnf
before=$run/application-$4.before.cnf
IFS= read -r old
IFS= read -r new
sql() { mysql --defaults-file="$run/client.cnf" --batch --skip-column-names <<< "$1"; }
log_in() { mysql --defaults-file="$1" --execute "DO 0"; }

# Writes a file in one step: mysqld, the probes and the exporters, which are another user, may read it at any time.
put() {
  cat > "$1.new"
  chmod --reference="$1" "$1.new"
  mv "$1.new" "$1"
}

# File $1 with password $3 where line $2 has one.
replaced() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ $2 ]]; then line=${BASH_REMATCH[1]}$3${BASH_REMATCH[2]}; fi
    printf '%s\n' "$line"
  done < "$1"
}
replace() { replaced "$1" "$2" "$new" | put "$1"; }

# Runs SQL that changes the account. mysqld then forgets what lets a client without TLS in (log-in.sh): for the time of two logins
# it lets no such client in that connects anew.
change() {
  if [ -f "$plain" ]; then
    replaced "$plain" '^(password = ).*()$' "$new" > "$run/new.cnf"
    if [ "$old" != "$new" ]; then replaced "$plain" '^(password = ).*()$' "$old" > "$run/old.cnf"; fi
    if [ "$old" = "$new" ] && [ -f "$before" ]; then cp "$before" "$run/old.cnf"; fi
  fi
  sql "$1"
  if [ -f "$run/old.cnf" ]; then log_in "$run/old.cnf"; mv "$run/old.cnf" "$before"; fi
  if [ -f "$run/new.cnf" ]; then log_in "$run/new.cnf"; mv "$run/new.cnf" "$plain"; fi
}

# MySQL's exporter reads its file when told to. One that is starting reads it anyway.
reload() {
  local answer=
  { exec 3<> "/dev/tcp/127.0.0.1/$1"; } 2> /dev/null || return 0
  printf 'POST /-/reload HTTP/1.0\r\n\r\n' >&3
  IFS= read -r -t 10 answer <&3 || true
  exec 3>&-
  [[ $answer == HTTP/*' 200 '* ]] || { echo "MySQL's exporter does not read its password again: $answer" >&2; return 1; }
}

# What mysqld runs when its container starts again, and what the probes log in with: else a restart would set the password before.
keep() {
  replace "$run/accounts.sql" "^(.*$1 IDENTIFIED BY ')[^']*('.*)\$"
  case $1 in
    "'root'@'localhost'") replace "$run/client.cnf" "^(password = ')[^']*(')\$" ;;
    "'exporter'@'localhost'")
      replace "$run/exporter.cnf" '^(password = ")[^"]*(")$'
      # The exporter of the backups' results reads it for each connection.
      if [ -f "$run/exporter.password" ]; then printf '%s' "$new" | put "$run/exporter.password"; fi
      reload "$2"
      ;;
  esac
}

rm -f "$run/old.cnf" "$run/new.cnf"
case $1 in
  # Both are valid after this. The first statement sets what is valid anyway: a run that was cut off may have set another first.
  begin)
    change "ALTER USER $2 IDENTIFIED BY '$old'; ALTER USER $2 IDENTIFIED BY '$new' RETAIN CURRENT PASSWORD"
    keep "$2" "$3"
    ;;
  # The same where the Secret has the new one already. MySQL keeps the second password.
  resume)
    change "ALTER USER $2 IDENTIFIED BY '$new'"
    keep "$2" "$3"
    ;;
  # The file first: the startup probe logs in with it.
  end)
    rm -f "$before"
    change "ALTER USER $2 DISCARD OLD PASSWORD"
    ;;
esac
