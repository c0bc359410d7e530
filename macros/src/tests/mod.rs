//! The attributes, run in-process.

mod corpus;
mod golden;
mod grammar;
mod malformed;
mod receivers;
mod refusals;
mod spans;
mod unchecked;

use proc_macro2::TokenStream;
use proptest::test_runner::{Config, RngSeed};

use crate::args::Role;
use crate::function::expand;

fn handler(item: TokenStream) -> TokenStream {
    expand(Role::Handler, TokenStream::new(), item)
}

fn leased(item: TokenStream) -> TokenStream {
    expand(Role::Leased, TokenStream::new(), item)
}

/// So many cases, the same in every run; `PROPTEST_RNG_SEED` gives others.
fn cases(cases: u32) -> Config {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng_seed = match config.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        given => given,
    };
    Config { rng_seed, ..config }
}
