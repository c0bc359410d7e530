//! Reads types and generic parameters.

use syn::{
    GenericArgument, GenericParam, PathArguments, ReturnType, TypeParamBound, WherePredicate,
};
use thin_vec::ThinVec;
use ustr::{Ustr, ustr};

use super::{Generic, Names, Ty, TyPath};

pub(super) fn name(ident: &proc_macro2::Ident) -> Ustr {
    let text = ident.to_string();
    ustr(text.strip_prefix("r#").unwrap_or(&text))
}

pub(super) fn names(path: &syn::Path) -> Names {
    path.segments.iter().map(|segment| name(&segment.ident)).collect()
}

pub(super) fn ty(ty: &syn::Type) -> Ty {
    match ty {
        syn::Type::Path(node) => Ty::Path(path(&node.path, node.qself.as_ref())),
        syn::Type::Reference(node) => Ty::Ref(Box::new(self::ty(&node.elem))),
        syn::Type::Tuple(node) => Ty::Tuple(node.elems.iter().map(self::ty).collect()),
        syn::Type::Slice(node) => Ty::Slice(Box::new(self::ty(&node.elem))),
        syn::Type::Array(node) => Ty::Slice(Box::new(self::ty(&node.elem))),
        syn::Type::Paren(node) => self::ty(&node.elem),
        syn::Type::Group(node) => self::ty(&node.elem),
        syn::Type::ImplTrait(node) => Ty::Impl(bounds(node.bounds.iter())),
        syn::Type::TraitObject(node) => Ty::Dyn(bounds(node.bounds.iter())),
        syn::Type::FnPtr(node) => Ty::Fn {
            inputs: node.inputs.iter().map(|input| self::ty(&input.ty)).collect(),
            output: returned(&node.output).map(Box::new),
        },
        _ => Ty::Other,
    }
}

pub(super) fn returned(output: &ReturnType) -> Option<Ty> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(self::ty(ty)),
    }
}

pub(super) fn path(path: &syn::Path, qself: Option<&syn::QSelf>) -> TyPath {
    let mut read = TyPath {
        qself: qself.map(|qself| Box::new(ty(&qself.ty))),
        names: names(path),
        ..TyPath::default()
    };
    let arguments = path.segments.iter().rev().map(|segment| &segment.arguments);
    for arguments in arguments {
        match arguments {
            PathArguments::None => continue,
            PathArguments::AngleBracketed(list) => angle(&list.args, &mut read),
            PathArguments::Parenthesized(list) => {
                read.args = list.inputs.iter().map(|input| ty(&input.ty)).collect();
                let output = returned(&list.output).unwrap_or(Ty::Tuple(ThinVec::new()));
                read.assoc.push((ustr("Output"), output));
            }
        }
        break;
    }
    read
}

pub(super) fn angle<'a>(args: impl IntoIterator<Item = &'a GenericArgument>, read: &mut TyPath) {
    for argument in args {
        match argument {
            GenericArgument::Type(argument) => read.args.push(ty(argument)),
            GenericArgument::AssocType(assoc) => {
                read.assoc.push((name(&assoc.ident), ty(&assoc.ty)));
            }
            _ => {}
        }
    }
}

pub(super) fn bounds<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>) -> ThinVec<TyPath> {
    bounds
        .filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(path(&bound.path, None)),
            _ => None,
        })
        .collect()
}

pub(super) fn generics(generics: &syn::Generics) -> Vec<Generic> {
    let mut read: Vec<Generic> = generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => {
                let bounds = bounds(param.bounds.iter());
                let default = param.default.as_ref().map(|(_, default)| ty(default));
                Some(Generic { name: name(&param.ident), bounds, default })
            }
            _ => None,
        })
        .collect();
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    for predicate in predicates {
        let WherePredicate::Type(predicate) = predicate else { continue };
        let bounds = bounds(predicate.bounds.iter());
        let subject = match &predicate.bounded_ty {
            syn::Type::Reference(reference) => &*reference.elem,
            subject => subject,
        };
        let syn::Type::Path(subject) = subject else { continue };
        let Some(ident) = subject.path.get_ident() else { continue };
        let subject = name(ident);
        match read.iter_mut().find(|generic| generic.name == subject) {
            Some(generic) => generic.bounds.extend(bounds),
            None => read.push(Generic { name: subject, bounds, default: None }),
        }
    }
    read
}
