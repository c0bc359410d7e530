use shortlease::Session;

struct Oracle;

fn take(_: &mut Session<Oracle>) {}

fn main() {}
