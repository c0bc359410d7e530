//! What the benchmarks measure, small enough to run as tests too.

pub mod compile_cost;
pub mod editor;
pub mod incident;
pub mod lease;
pub mod overload;
pub mod samples;
pub mod table;
