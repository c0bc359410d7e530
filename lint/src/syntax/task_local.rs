//! Reads `task_local! { static NAME: Type; }`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Token, Type, Visibility};
use thin_vec::thin_vec;
use ustr::ustr;

use super::types::ty;
use super::{Names, Ty, TyPath};

/// The type of the variables that the macro declares.
pub(crate) const KEY: &str = "LocalKey";

/// A variable of a task.
pub(super) struct Declared {
    pub name: Ident,
    of: Type,
}

impl Declared {
    /// Returns the variable's type.
    pub(super) fn ty(&self) -> Ty {
        let names = Names::from_iter([ustr(KEY)]);
        Ty::Path(TyPath { names, args: thin_vec![ty(&self.of)], ..TyPath::default() })
    }
}

impl Parse for Declared {
    fn parse(input: ParseStream<'_>) -> syn::Result<Declared> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Token![static]>()?;
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Declared { name, of: input.parse()? })
    }
}

/// Returns the variables that a call of the macro declares; none if it is not read.
pub(super) fn declared(tokens: &TokenStream) -> Vec<Declared> {
    let parse = Punctuated::<Declared, Token![;]>::parse_terminated;
    parse.parse2(tokens.clone()).into_iter().flatten().collect()
}
