<?php
// What programs do with phpredis and its RedisSentinel: as sentinel_work.py, with the arguments
// PASSWORD SERVERS_PASSWORD GROUP PRIMARY SENTINEL...

[, $password, $serversPassword, $group, $primary] = $argv;
$places = array_slice($argv, 5);

function sentinel(string $place, mixed $credentials): RedisSentinel
{
    [$host, $port] = explode(':', $place);
    if (version_compare(phpversion('redis'), '6', '>=')) {
        return new RedisSentinel([
            'host' => $host, 'port' => (int) $port, 'connectTimeout' => 2, 'readTimeout' => 2,
            'auth' => $credentials,
        ]);
    }
    return new RedisSentinel($host, (int) $port, 2, null, 0, 2, $credentials);
}

function check(bool $isTrue, string $what): void
{
    if (!$isTrue) {
        throw new Exception($what);
    }
}

function address(array $places, string $password, string $group): array
{
    foreach ($places as $place) {
        try {
            $address = sentinel($place, $password)->getMasterAddrByName($group);
            if ($address) {
                return $address;
            }
        } catch (RedisException) {
        }
    }
    throw new RedisException('no Sentinel knows the primary');
}

try {
    $answer = sentinel($places[0], 'wrong')->ping();
} catch (RedisException) {
    $answer = false;
}
check(!$answer, 'a wrong password was taken');
foreach ([$password, ['application', "for $password"]] as $credentials) {
    $sentinel = sentinel($places[0], $credentials);
    check($sentinel->ping(), 'ping');
    check($sentinel->getMasterAddrByName($group) == [$primary, '6379'], 'address');
    check($sentinel->master($group)['num-other-sentinels'] == '2', 'master');
    check(count($sentinel->masters()) == 1, 'masters');
    check(count($sentinel->slaves($group)) == 2, 'slaves');
    check(count($sentinel->sentinels($group)) == 2, 'sentinels');
    check($sentinel->ckquorum($group), 'ckquorum');
}

$client = null;
$taken = 0;
$longest = 0;
$last = microtime(true);
$deadline = $last + 30;
$heir = $primary;
while ($heir == $primary) {
    check(microtime(true) < $deadline, 'no new primary takes writes');
    try {
        if (!$client) {
            [$host, $port] = address($places, $password, $group);
            $client = new Redis();
            $client->connect($host, (int) $port, 2, null, 0, 2);
            $client->auth($serversPassword);
        }
        $taken++;
        check($client->set('sentinel:php', $taken), 'READONLY');
        $now = microtime(true);
        $longest = max($longest, $now - $last);
        $last = $now;
        if ($taken == 1) {
            echo "ready\n";
        }
        if ($longest > 0.5) {
            $heir = address($places, $password, $group)[0];
        }
    } catch (Exception) {
        $client = null;
    }
    usleep(10000);
}
printf("done %d ms\n", $longest * 1000);
