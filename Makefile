# The front door. `make` alone says what there is; the README explains `demo` and `test`.

SEEDS ?= 1..10000
SECONDS_EACH ?= 60
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# One way to build for release, so that no target undoes another's work.
RELEASE := $(SWIFT) build -c release --static-swift-stdlib --product baton
BATON := .build/release/baton
SOURCES := Package.swift Sources Tests $(wildcard Benchmarks Fuzz)
bin := $(DESTDIR)$(PREFIX)/bin
share := $(DESTDIR)$(PREFIX)/share
units := $(DESTDIR)$(PREFIX)/lib/systemd/system
etc := $(DESTDIR)/etc/baton

# Elsewhere a test that needs root is skipped, and says so; in CI that is a failure.
ifdef CI
export BATON_REQUIRE_ROOT := 1
endif
export CONNECTIONS RUNS SENTINEL_RUNS SEED ATTACKS SWIFT LISTENER FLEET REDIS_SOURCE

# Tests of real servers, sockets and kernels wait for them, by the clock: not beside those that only
# reckon, which leave them no thread. Those that hold a machine for seconds run one by one.
WORLD := LaboratoryTests|SentinelDriverTests|BalancerDriverTests|AddressDriverTests|NetlinkTests|TransportSecurityTests
STORIES := EndToEndTests|DropInLoopTests

.PHONY: help demo test check check-model simulate chaos bench bench-failover bench-switchover bench-idle \
  bench-balancer bench-balancer-failover bench-tls bench-connections count-instructions unit-suite fuzz \
  bench-sentinel sentinel-suite compare-sentinel \
  install clean

help: ## this list
	@awk -F ': ## ' '/^[a-z-]+: ## / { printf "  make %-15s %s\n", $$1, $$2 } \
	  /^#: / { printf "  %20s %s\n", "", substr($$0, 4) }' Makefile

demo: ## a whole cluster on this machine: watch its primary die and the writes go on
	@dev/setup
	@$(RELEASE)
	@$(BATON) demo

test: ## every test, with all set-up: units, tidy, end to end, 5,000 simulated seeds
	@dev/setup --tests
	$(SWIFT) build --build-tests
	@dev/swift-test --skip-build --skip '$(WORLD)|$(STORIES)'
	@dev/swift-test --skip-build --skip '$(STORIES)' --filter '$(WORLD)'
	@dev/swift-test --skip-build --no-parallel --filter '$(STORIES)'
	@$(MAKE) --no-print-directory simulate SEEDS=1..5000

check: ## format, tidy and the rule of the arrows
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	$(SWIFT) test --filter TidyTests

check-model: ## the lease model, checked exhaustively
#: RESULT states= errors=
	@dev/setup --model
	@dev/check-model

simulate: ## SEEDS=A..B (default 1..10000): simulated clusters, faults and checkers
#: RESULT seeds= violations= virtual_hours= faults= failovers= seconds=
	@$(RELEASE)
	@$(BATON) simulate --seeds $(SEEDS)

chaos: ## RUNS=200 SEED=1: every attack on real servers and kernels, in every order
#: ATTACKS=killNode,deaf: only these
#: RESULT runs= two_holders_ms= control_two_holders_ms= lost_unreported=
#:        longest_unavailable_ms=
	@dev/setup --tests
	@$(RELEASE)
	@$(SWIFT) run -c release --package-path Benchmarks chaos

bench: bench-failover bench-switchover bench-idle bench-balancer bench-balancer-failover
bench: ## every benchmark, one after another

bench-failover: ## RUNS=20: real servers killed, stopped and cut off, the pause measured
#: RESULT runs= kill9_median_ms= kill9_worst_ms= stop_median_ms= isolate_median_ms=
#:        redispy_worst_ms= lost=
	@dev/setup --tests
	@$(RELEASE)
	@$(SWIFT) run -c release --package-path Benchmarks bench-failover

bench-switchover: ## RUNS=50 SENTINEL_RUNS=10: planned moves under a writer, beside redis-sentinel
#: RESULT runs= lost= errors= gap_median_ms= gap_worst_ms= sentinel_gap_median_ms=
#:        sentinel_lost=
bench-switchover:
	@dev/setup --tests
	@$(RELEASE)
	@$(SWIFT) run -c release --package-path Benchmarks bench-switchover

bench-idle: ## SECONDS_EACH=60: what Baton costs while nothing happens, beside redis-sentinel
#: RESULT seconds= cpu_worst_percent= messages_per_second= lease_messages_per_second=
#:        sentinel_cpu_worst_percent= sentinel_messages_per_second=
	@dev/setup --tests
	@$(RELEASE)
	@$(SWIFT) run -c release --package-path Benchmarks bench-idle

bench-sentinel: ## RUNS=3 SECONDS_EACH=20: 1, 100, 1,000 groups watched by ours and redis-sentinel
#: RESULT cpu_ratio_1= cpu_ratio_100= cpu_ratio_1000= memory_ratio_1000=
bench-sentinel:
	@dev/setup --tests
	@$(RELEASE)
	@$(SWIFT) run -c release --package-path Benchmarks bench-sentinel

bench-balancer: ## RUNS=5: GETs straight to a server, through HAProxy, twemproxy and Baton
#: RESULT vs_haproxy_p1= vs_direct_p1= vs_twemproxy_p1= vs_haproxy_p16= vs_direct_p16=
#:        redis_cpu_vs_direct_p1= user_us_p1= system_us_p1= p99_vs_direct=
#:        p99_saturated_vs_direct=
bench-balancer:
	@dev/setup --balancer
	@$(SWIFT) run -c release --package-path Benchmarks bench-balancer

bench-balancer-failover: ## RUNS=5: 200 clients of two balancers; primary, replica, balancer killed
#: RESULT disconnections= executed_twice= errors_planned= errors_kill= read_errors=
#:        vrrp_gap_median_ms=
bench-balancer-failover:
	@dev/setup --tests
	@$(RELEASE)
	@$(SWIFT) run -c release --package-path Benchmarks bench-balancer-failover

bench-tls: ## RUNS=5: what TLS costs a balancer, beside none and beside TLS straight to a server
#: RESULT tls_vs_plain_p1= tls_vs_plain_p16= tls_vs_direct_p1= tls_vs_direct_p16=
#:        both_vs_direct_p1= both_vs_direct_p16=
bench-tls:
	@dev/setup --balancer
	@dev/measure-tls

bench-connections: ## CONNECTIONS=1000000: memory of an idle client, and what is left of so many
#: RESULT idle_bytes_per_client= idle_processor_ms= connections= memory_growth_kib=
#:        descriptors_left=
bench-connections:
	@dev/setup
	@$(SWIFT) run -c release --package-path Benchmarks bench-connections

count-instructions: ## the balancer's a request, by callgrind; fails when there are more
#: RESULT instructions_p1= instructions_p16=
count-instructions:
	@dev/setup --balancer
	@dev/count-instructions

unit-suite: ## LISTENER=write|auto|read: Redis's own unit tests, at a server and through a balancer
#: REDIS_SOURCE=DIRECTORY: a checkout of Redis 7.2.6, else it is fetched
#: RESULT direct_passed= baton_passed= exceptions= differences=
unit-suite:
	@dev/setup --unit-suite
	@$(RELEASE)
	@dev/unit-suite

sentinel-suite: ## RUNS=5 FLEET=baton|mixed|redis: Redis's own tests for Sentinel, with ours in its place
#: REDIS_SOURCE=DIRECTORY: as above
#: RESULT runs= units= passed= worst=
sentinel-suite:
	@dev/setup --unit-suite
	@dev/setup
	@$(RELEASE)
	@dev/sentinel-suite

compare-sentinel: ## the requests of dev/compare-sentinel-requests, to redis-sentinel and to Baton
#: RESULT requests= equal= excepted= different=
compare-sentinel:
	@dev/setup --tests
	@dev/swift-test --no-parallel --filter DropInComparisonTests

fuzz: ## SECONDS_EACH=60: every decoder against libFuzzer
	@for name in $(basename $(notdir $(wildcard Fuzz/*.swift))); do \
	  echo "fuzz: $$name for $(SECONDS_EACH) s"; Fuzz/run $$name $(SECONDS_EACH) || exit 1; \
	done

install: ## PREFIX=/usr/local DESTDIR=: the program, its unit, completions and documents
	$(RELEASE)
	install -d $(bin) $(units) $(etc) $(share)/doc/baton $(share)/zsh/site-functions \
	  $(share)/bash-completion/completions $(share)/fish/vendor_completions.d
	install -m 755 $(BATON) $(bin)/baton
	sed 's|@PREFIX@|$(PREFIX)|g' packaging/systemd/baton.service > $(units)/baton.service
	install -m 644 packaging/baton.conf.example $(etc)/baton.conf.example
	install -m 644 README.md README.zh-CN.md CHANGELOG.md LICENSE docs/glossary.md \
	  docs/operate/*.md docs/reference/*.md $(share)/doc/baton
	$(BATON) --generate-completion-script bash > $(share)/bash-completion/completions/baton
	$(BATON) --generate-completion-script zsh > $(share)/zsh/site-functions/_baton
	$(BATON) --generate-completion-script fish > $(share)/fish/vendor_completions.d/baton.fish
	chmod 644 $(units)/baton.service $(share)/bash-completion/completions/baton \
	  $(share)/zsh/site-functions/_baton $(share)/fish/vendor_completions.d/baton.fish

clean: ## what was built
	rm -rf .build Benchmarks/.build
