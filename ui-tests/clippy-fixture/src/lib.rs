//! Raw access, each marked, and honest handlers, unmarked.
#![allow(dead_code)]

mod honest;
mod methods;
mod types;
