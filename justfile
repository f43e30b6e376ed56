# A convenience: nothing needs `just`. `tests/run` is what README names and what CI runs.

# list the recipes
default:
    @just --list

# format in place
fmt:
    cargo fmt

# formatting and clippy, warnings are errors
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# everything that needs no server
test *args:
    cargo nextest run --locked -E 'not test(/^(engines|e2e)::/)' {{ args }}

# real Kafka and Cassandra on loopback; they stay up until `tests/engines/down`
engines:
    tests/engines/up
    RINGFOLD_TEST_REQUIRE=engines cargo nextest run --locked -E 'test(/^(engines|e2e)::/)'

# process faults on the engines of this checkout, by a seed; logs of a failed round in target/faults
faults count='300' seed='1':
    RINGFOLD_ENGINES_COMMITLOG=batch tests/engines/up
    RINGFOLD_TEST_REQUIRE=engines RINGFOLD_FAULTS={{ count }} RINGFOLD_FAULTS_SEED={{ seed }} \
        cargo test --locked --test it -- --nocapture e2e::schedule::faults_of

# rewrite the generated files in schemas/ and the snapshots
bless:
    RINGFOLD_BLESS=1 cargo nextest run --locked -E 'test(/^(schemas|cli)::/)'

# API documentation, warnings are errors
doc:
    RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps

# calls on screen in one command
demo:
    cargo run --locked --release -- demo

# instruction counts and timings
bench *args:
    cargo bench --locked --bench bench -- {{ args }}

# look-up, rating and loading of tariffs, against their goals
bench-rating:
    cargo bench --locked --bench rating

# licences, bans, sources
deny:
    cargo deny check bans licenses sources

# what CI runs
ci:
    .ci/run
