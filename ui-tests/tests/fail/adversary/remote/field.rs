// A sealed client, taken out of its field.
use shortlease::Remote;
use shortlease_ui_tests::Mcp;

pub fn open(mcp: &Remote<Mcp>) -> &Mcp {
    &mcp.client
}

fn main() {}
