# The comment after each target says what the target does; `make` alone lists them.
.DEFAULT_GOAL := help
#   make bench ROUNDS=1 SECONDS=2 PEOPLE=1000 SCENARIOS=person,note PEERS=all POOLS=4,8,12,16
# Each of these settings, and PRACTICES, GROWTH, CONNECTIONS, POOL and SEED, is an option of target/release/almoner-bench.
BENCH_SETTINGS = ROUNDS SECONDS PEOPLE PRACTICES GROWTH SCENARIOS CONNECTIONS PEERS POOL POOLS SEED
lower = $(shell echo '$(1)' | tr A-Z a-z)
# The property tests of `make test` try the same cases in every run. `make deep` tries many more, from a random seed.
PROPERTIES = PROPTEST_CASES=200 PROPTEST_RNG_SEED=2014

.PHONY: help demo test bench check deep fmt openapi lint-openapi events permissions schema statements wall who-sees-what plans prerequisites

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "  make %-14s %s\n", $$1, $$2 }'

demo: prerequisites ## run everything on this machine, with a database and people of its own
	cargo run -p almoner -- demo

test: prerequisites ## run every test, with a PostgreSQL of its own; search the log for secrets and people, and the answers for gaps
	@rm -rf target/test-logs
	$(PROPERTIES) cargo run -q -p almoner-embedded-postgres --bin with-postgres -- cargo test --workspace
	@scripts/check-logs
	@cargo run -q -p almoner-tests --bin check-answers

bench: prerequisites ## measure the service on a PostgreSQL on disk, and write docs/performance/results.md
	cargo build --release -p almoner -p almoner-bench
	target/release/almoner-bench $(foreach name,$(BENCH_SETTINGS),$(if $($(name)),--$(call lower,$(name)) $($(name))))

check: prerequisites ## check the format, lints, documentation and house rules
	@scripts/check

deep: prerequisites ## run the long checks of scripts/deep.d that have not passed here yet, and print a table; FRESH=1 runs all of them
	@scripts/deep

fmt: ## format the code
	cargo fmt --all

openapi: prerequisites ## write openapi/openapi.json anew from the code
	UPDATE_EXPECT=1 cargo test -p almoner-tests openapi

lint-openapi: ## lint the OpenAPI documents with Redocly and Spectral, from npm
	@scripts/lint-openapi

events: prerequisites ## write docs/events.md anew from the table of events
	UPDATE_EXPECT=1 cargo test -p almoner-domain --test vocabulary the_document

permissions: prerequisites ## write docs/permissions.txt anew from the running server's answers
	UPDATE_EXPECT=1 cargo run -q -p almoner-embedded-postgres --bin with-postgres -- cargo test -p almoner-tests --test it -- row_6_

schema: prerequisites ## write diesel's description of the tables anew from the migrations
	UPDATE_EXPECT=1 cargo run -q -p almoner-embedded-postgres --bin with-postgres -- cargo test -p almoner-persistence --test database -- schema

statements: prerequisites ## count anew what each operation asks of the database, and write docs/performance/statements.txt
	UPDATE_EXPECT=1 cargo test -p almoner-tests --test statements

wall: prerequisites ## write docs/wall.txt anew: what each operation asks of the database, whether or not there are complaints
	UPDATE_EXPECT=1 cargo test -p almoner-tests --test it -- --exact everywhere::wall::row_3_every_door_asks_the_database_the_same_with_0_1_and_100_complaints

who-sees-what: prerequisites ## write docs/who-sees-what.txt anew: what five readers see of a household of three
	UPDATE_EXPECT=1 cargo run -q -p almoner-embedded-postgres --bin with-postgres -- cargo test -p almoner-tests --test it -- who_sees_what

plans: prerequisites ## write docs/performance/plans.txt anew: how PostgreSQL plans the statements of the hot path
	@UPDATE_EXPECT=1 scripts/deep.d/plans

prerequisites: ## install cargo, a C compiler and PostgreSQL's programs, or say how
	@scripts/prerequisites
