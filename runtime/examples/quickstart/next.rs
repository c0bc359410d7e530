//! What to do next: three lines, which read the line to move from the source itself.

const FILE: &str = "runtime/examples/quickstart/handler.rs";
const SOURCE: &str = include_str!("handler.rs");

pub(crate) fn print() {
    let (nth, line) = (1..)
        .zip(SOURCE.lines())
        .find(|(_, line)| line.contains("backend.ask("))
        .expect("the handler asks the backend");
    println!("\nTo see the compiler refuse a slow handler: in {FILE}:{nth}, move");
    println!("    {}", line.trim());
    println!(
        "one line down, into the transaction, and run `cargo run --example quickstart` again."
    );
}
