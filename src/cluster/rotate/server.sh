# Runs in MySQL's container (bash -c), for `cloudnova rotate database`: changes the password of one account.
# $1: what to do  $2: the account, as SQL writes it
# Standard input, a line each: the password before, and the new one; both of letters, digits, - and _ alone. No argument shows them.
set -euo pipefail
umask 077
run=/run/mysql
IFS= read -r old
IFS= read -r new
sql() { mysql --defaults-file="$run/client.cnf" --batch --skip-column-names <<< "$1"; }

# Puts the new password where line $2 of file $1 has one. In one step: mysqld and the probes may read the file at any time.
replace() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ $2 ]]; then line=${BASH_REMATCH[1]}$new${BASH_REMATCH[2]}; fi
    printf '%s\n' "$line"
  done < "$1" > "$1.new"
  mv "$1.new" "$1"
}

# What mysqld runs when its container starts again, and what the probes log in with: else a restart would set the password before.
keep() {
  replace "$run/accounts.sql" "^(.*$1 IDENTIFIED BY ')[^']*('.*)\$"
  if [[ $1 == *@\'localhost\' ]]; then replace "$run/client.cnf" "^(password = ')[^']*(')\$"; fi
}

case $1 in
  # Both are valid after this. The first statement sets what is valid anyway: a run that was cut off may have set another first.
  begin)
    sql "ALTER USER $2 IDENTIFIED BY '$old'; ALTER USER $2 IDENTIFIED BY '$new' RETAIN CURRENT PASSWORD"
    keep "$2"
    ;;
  # The same where the Secret has the new one already. MySQL keeps the second password.
  resume)
    sql "ALTER USER $2 IDENTIFIED BY '$new'"
    keep "$2"
    ;;
  end) sql "ALTER USER $2 DISCARD OLD PASSWORD" ;;
esac
