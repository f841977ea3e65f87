# What programs do with the Sentinel support of redis-rb: as sentinel_work.py, with the arguments
# PASSWORD SERVERS_PASSWORD GROUP PRIMARY SENTINEL...

require "redis"

password, servers_password, group, primary, *places = ARGV
addresses = places.map { |place| place.split(":") }.map { |host, port| { host: host, port: port.to_i } }
newer = Gem::Version.new(Redis::VERSION) >= Gem::Version.new("5")

connect = lambda do |role, sentinel_password|
  options = { role: role, password: servers_password, timeout: 2, reconnect_attempts: 1 }
  if newer
    options.update(name: group, sentinels: addresses, sentinel_password: sentinel_password)
  else
    options.update(
      host: group, sentinels: addresses.map { |one| one.merge(password: sentinel_password) })
  end
  Redis.new(**options)
end

begin
  connect.call(:master, "wrong").ping
  raise "a wrong password was taken"
rescue Redis::BaseError
end

sentinel = Redis.new(**addresses[0], password: password)
state = sentinel.sentinel("master", group)
raise "#{state}" unless state["ip"] == primary && state["num-other-sentinels"] == "2"
raise "replicas" unless sentinel.sentinel("slaves", group).length == 2
raise "address" unless sentinel.sentinel("get-master-addr-by-name", group) == [primary, "6379"]

writer = connect.call(:master, password)
writer.set("sentinel:ruby", "1")
reader = connect.call(:slave, password)
raise "not read from a replica" unless reader.call("role")[0] == "slave"

events = []
Thread.new do
  Redis.new(**addresses[0], password: password, timeout: 60).psubscribe("*") do |on|
    on.pmessage { |_, channel, message| events << [channel, message] }
  end
end

clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
taken = 0
longest = 0
last = clock.call
deadline = last + 30
heir = primary
loop do
  raise "no new primary takes writes" if clock.call > deadline
  begin
    taken += 1
    writer.set("sentinel:number:ruby", taken)
    now = clock.call
    longest = [longest, now - last].max
    last = now
    if taken == 1
      puts "ready"
      $stdout.flush
    end
    heir = sentinel.sentinel("get-master-addr-by-name", group)[0] if longest > 0.5
    break if heir != primary
  rescue Redis::BaseConnectionError, Redis::CommandError => error
    raise if error.is_a?(Redis::CommandError) && !error.message.start_with?("READONLY")
  end
  sleep 0.01
end
wanted = ["+switch-master", "#{group} #{primary} 6379 #{heir} 6379"]
until events.include?(wanted)
  raise "not heard: #{wanted} among #{events}" if clock.call > deadline
  sleep 0.01
end
puts "done #{(longest * 1000).round} ms"
