# What programs do with the Sentinel support of Perl's Redis: as sentinel_work.py, with the arguments
# PASSWORD SERVERS_PASSWORD GROUP PRIMARY SENTINEL...

use strict;
use warnings;
use Redis;
use Time::HiRes qw(time sleep);

$| = 1;
my ($password, $servers_password, $group, $primary, @places) = @ARGV;

sub sentinel {
    return Redis::Sentinel->new(
        server => $places[0], read_timeout => 2, cnx_timeout => 2, @_);
}

sub connection {
    return Redis->new(
        sentinels => [@places], service => $group, sentinels_password => $password,
        password => $servers_password, cnx_timeout => 2, read_timeout => 2, write_timeout => 2);
}

eval { sentinel(password => 'wrong')->ping } and die 'a wrong password was taken';
for my $credentials ([password => $password],
    [username => 'application', password => "for $password"]) {
    my $sentinel = sentinel(@$credentials);
    $sentinel->get_service_address($group) eq "$primary:6379" or die 'address';
    my ($master) = $sentinel->get_masters;
    $master->{'num-other-sentinels'} eq '2' or die 'masters';
    @{[ $sentinel->sentinel('slaves', $group) ]} == 2 or die 'slaves';
}

my $sentinel = sentinel(password => $password);
my $subscriber = sentinel(password => $password);
my %heard;
$subscriber->psubscribe('*', sub { my ($message, $topic) = @_; $heard{"$topic"} = $message });

my ($client, $taken, $longest, $last, $heir) = (undef, 0, 0, time, "$primary:6379");
my $deadline = $last + 30;
while ($heir eq "$primary:6379") {
    die 'no new primary takes writes' if time > $deadline;
    my $is_done = eval {
        $client //= connection();
        $client->set('sentinel:perl', $taken + 1);
    };
    if ($is_done) {
        my $now = time;
        $longest = $now - $last if $now - $last > $longest;
        $last = $now;
        print "ready\n" if ++$taken == 1;
        $heir = $sentinel->get_service_address($group) if $longest > 0.5;
    } else {
        undef $client;
    }
    sleep 0.01;
}
my ($host) = split /:/, $heir;
while (($heard{'+switch-master'} // '') ne "$group $primary 6379 $host 6379") {
    die 'not heard' if time > $deadline;
    $subscriber->wait_for_messages(1);
}
printf "done %d ms\n", $longest * 1000;
