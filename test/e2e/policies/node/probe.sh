# Reads lines `ID PID PROTOCOL ADDRESS PORT`, tries each from the network namespace of that process, and prints `ID open`, `ID refused`,
# `ID dropped` (no answer within 2 to 3 s) or `ID failed: WORDS`. Over UDP it asks for the name cluster.local, and an answer means open.
set -euo pipefail
# The kernel sends one ICMP refusal a second to each address: with the others unsent, every attempt would wait for its time-out.
limit=$(sysctl --values net.ipv4.icmp_ratelimit)
folder=$(mktemp --directory)
trap 'sysctl --quiet --write net.ipv4.icmp_ratelimit="$limit"; rm -r "$folder"' EXIT
sysctl --quiet --write net.ipv4.icmp_ratelimit=0

# Perl is in every Debian, and opens many connections at once in one process for each network namespace.
cat >"$folder/connect.pl" <<'PERL'
use strict;
use warnings;
use Errno qw(EINPROGRESS ECONNREFUSED EHOSTUNREACH ENETUNREACH EACCES ETIMEDOUT);
use Fcntl qw(F_SETFL O_NONBLOCK);
use Socket;
$| = 1;
my $query = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07cluster\x05local\0\0\x01\0\x01";
my %refused = map { $_ => 1 } ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EACCES;
my @todo = map { [split] } <STDIN>;
my %under_way;

sub ends {
    my ($id, $error) = @_;
    $! = $error;
    print "$id ", !$error ? "open" : $refused{$error} ? "refused" : $error == ETIMEDOUT ? "dropped" : "failed: $!", "\n";
}

while (@todo or %under_way) {
    while (@todo and keys %under_way < 64) {
        my ($id, $protocol, $address, $port) = @{ shift @todo };
        my $udp = $protocol eq "udp";
        socket(my $socket, PF_INET, $udp ? SOCK_DGRAM : SOCK_STREAM, 0) or die "socket: $!";
        fcntl($socket, F_SETFL, O_NONBLOCK) or die "fcntl: $!";
        my $done = connect($socket, pack_sockaddr_in($port, inet_aton($address)));
        if (!$done and $! != EINPROGRESS) { ends($id, $! + 0); next }
        if ($udp and !defined send($socket, $query, 0)) { ends($id, $! + 0); next }
        $under_way{ fileno $socket } = { socket => $socket, id => $id, udp => $udp, until => time + 3 };
    }
    my ($read, $write) = ("", "");
    vec($under_way{$_}{udp} ? $read : $write, $_, 1) = 1 for keys %under_way;
    select($read, $write, undef, 0.2);
    for my $number (keys %under_way) {
        my $one = $under_way{$number};
        my $error;
        if ($one->{udp} and vec($read, $number, 1)) { $error = defined recv($one->{socket}, my $answer, 512, 0) ? 0 : $! + 0 }
        elsif (!$one->{udp} and vec($write, $number, 1)) { $error = unpack "i", getsockopt($one->{socket}, SOL_SOCKET, SO_ERROR) }
        elsif (time >= $one->{until}) { $error = ETIMEDOUT }
        else { next }
        ends($one->{id}, $error);
        delete $under_way{$number};
    }
}
PERL

awk -v folder="$folder" '{ print $1, $3, $4, $5 >(folder "/of-" $2) }'
of() { nsenter --net="/proc/${1##*-}/ns/net" perl "$folder/connect.pl" <"$1" || echo "of the process ${1##*-}: $?" >&2; }
for attempts in "$folder"/of-*; do
  while [ "$(jobs -pr | wc -l)" -ge 4 ]; do wait -n; done
  of "$attempts" &
done
wait
