use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use crate::args::Args;
use crate::check;
use crate::errors::Errors;
use crate::expand;
use crate::item::{Role, Target};
use crate::leased;

/// From an attribute to its expansion. The item always comes out, whatever is wrong with it.
pub(crate) fn apply(role: Role, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = Args::parse(role, args.clone()).unwrap_or_else(|error| {
        errors.push(error);
        Args::of_unreadable(args)
    });
    // What these arguments allow is not known: one mistake, one error.
    let readable = !errors.any();
    let mut target: Target = match Target::read.parse2(item.clone()) {
        Ok(target) => target,
        Err(error) => {
            errors.push(error);
            let errors = errors.into_tokens(&args);
            return quote!(#item #errors);
        }
    };
    let mut changed = false;
    for mut function in target.functions() {
        changed |= match role {
            Role::Handler => {
                if readable {
                    check::handler(&mut function, &args, &mut errors);
                }
                expand::handler(function, &args, errors.any())
            }
            Role::Leased => {
                if readable {
                    check::leased(&mut function, &args, &mut errors);
                }
                leased::expand(function, &args, errors.any())
            }
        };
    }
    changed |= errors.placed();
    args.unused(&mut errors);
    let errors = errors.into_tokens(&args);
    // What was not rewritten goes out as it came in, token for token.
    if changed { quote!(#target #errors) } else { quote!(#item #errors) }
}
