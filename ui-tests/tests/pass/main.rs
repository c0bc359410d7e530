//! Honest code of many shapes: it compiles under `#![deny(warnings)]`, and each file checks what it gets from a database.
//!
//! All of it is one program: rustc would need minutes for one of each file.
// The lints of a user of the crates, not of this workspace.
#![allow(clippy::all, clippy::restriction, dead_code, unreachable_pub)]
// Lints that fire where a binding goes on by the same name: of the expansions, because nobody here writes such.
#![deny(clippy::no_effect_underscore_binding, clippy::shadow_same, clippy::used_underscore_binding)]

automod::dir!("tests/pass");

mod adversary {
    automod::dir!("tests/pass/adversary");

    mod awaits {
        automod::dir!("tests/pass/adversary/awaits");
    }
    mod futures {
        automod::dir!("tests/pass/adversary/futures");
    }
    mod names {
        automod::dir!("tests/pass/adversary/names");
    }
}
mod attributes {
    automod::dir!("tests/pass/attributes");
}
mod rules {
    automod::dir!("tests/pass/rules");
}
mod shapes {
    automod::dir!("tests/pass/shapes");
}
