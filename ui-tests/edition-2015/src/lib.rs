//! Macros of edition 2015, where `async` and `dyn` are names.

/// Hands on a variable, a structure or a module that is called `async`.
#[macro_export]
macro_rules! with_async {
    ($macro:ident) => {
        $macro! { async }
    };
}

/// Hands on a variable, a structure or a module that is called `dyn`.
#[macro_export]
macro_rules! with_dyn {
    ($macro:ident) => {
        $macro! { dyn }
    };
}

/// Gives a place.
#[macro_export]
macro_rules! place {
    () => {
        *::std::boxed::Box::leak(::std::boxed::Box::new(1))
    };
}
