//! What the attributes cost the compiler: `cargo check` of a crate of handlers, against the same
//! crate by hand.

use shortlease_bench::compile_cost;

fn main() {
    let report = compile_cost::run(compile_cost::Size { handlers: 267, repetitions: 9 });
    println!("{report}");
}
