//! The audit's own syntax tree: what it needs of a file, small, and free of the parser's thread-bound spans.

mod blank;
mod body;
mod item;
mod locate;
mod macro_rules;
pub(crate) mod task_local;
mod test_code;
mod types;
pub(crate) mod visit;

pub(crate) use blank::{bare_code, depth, line_comments};
pub(crate) use item::parse;
pub(crate) use macro_rules::MacroTable;

use smallvec::SmallVec;
use thin_vec::ThinVec;
use ustr::Ustr;

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub lo: u32,
    /// The byte behind the last.
    pub hi: u32,
}

impl Span {
    pub(crate) fn to(self, end: Span) -> Span {
        Span { lo: self.lo, hi: end.hi.max(self.hi) }
    }
}

/// The items of one file, flat, each with the path of its module inside the file.
#[derive(Debug, Default)]
pub(crate) struct Items {
    pub functions: Vec<Function>,
    pub types: Vec<TypeDef>,
    pub traits: Vec<TraitDef>,
    pub impls: Vec<Impl>,
    pub uses: Vec<Use>,
    pub statics: Vec<Static>,
    /// The modules `mod name { .. }`.
    pub modules: Vec<ModulePath>,
    /// The modules in files of their own that only tests have.
    pub test_modules: Vec<ModulePath>,
    pub macros: Vec<MacroDef>,
    /// Names of macros called in bodies, so that a file can be read again once their definitions are known.
    pub macro_calls: Vec<Ustr>,
}

/// Names of inline modules, from the file's own module inwards.
pub(crate) type ModulePath = std::sync::Arc<[Ustr]>;

/// The names of a path. Few have more than two, which need no memory of their own.
pub(crate) type Names = SmallVec<[Ustr; 2]>;

#[derive(Debug)]
pub(crate) struct Use {
    pub module: ModulePath,
    /// The name it is visible by; none for a glob.
    pub name: Option<Ustr>,
    pub target: Box<[Ustr]>,
}

#[derive(Debug)]
pub(crate) struct Static {
    pub module: ModulePath,
    pub name: Ustr,
    pub ty: Ty,
}

#[derive(Debug)]
pub(crate) struct MacroDef {
    pub name: Ustr,
    /// The tokens between the definition's braces, as text.
    pub rules: String,
}

#[derive(Debug)]
pub(crate) struct TypeDef {
    pub module: ModulePath,
    pub name: Ustr,
    pub generics: Vec<Generic>,
    pub kind: TypeKind,
}

#[derive(Debug)]
pub(crate) enum TypeKind {
    Struct(Vec<Field>),
    /// Each variant with its fields.
    Enum(Vec<(Ustr, Vec<Field>)>),
    Alias(Ty),
}

#[derive(Debug)]
pub(crate) struct Field {
    pub name: Ustr,
    pub ty: Ty,
}

#[derive(Debug)]
pub(crate) struct TraitDef {
    pub module: ModulePath,
    pub name: Ustr,
    pub supertraits: ThinVec<TyPath>,
    /// Associated types with their bounds.
    pub assoc: ThinVec<(Ustr, ThinVec<TyPath>)>,
}

#[derive(Debug)]
pub(crate) struct Impl {
    pub module: ModulePath,
    pub generics: Vec<Generic>,
    pub trait_path: Option<TyPath>,
    pub self_ty: Ty,
    pub assoc: Vec<(Ustr, Ty)>,
    pub test: bool,
}

impl Impl {
    /// Returns true for a type that is a fake, or keeps in memory what others keep elsewhere, by its name.
    pub(crate) fn is_stand_in(&self) -> bool {
        self.is_fake() || self.is_named(&["InMemory", "Memory", "Noop"])
    }

    /// Returns true for a type that only tests use, by its name.
    pub(crate) fn is_fake(&self) -> bool {
        self.is_named(&["Mock", "Fake", "Stub", "Dummy", "Test"])
    }

    fn is_named(&self, words: &[&str]) -> bool {
        let Ty::Path(path) = &self.self_ty else { return false };
        words.iter().any(|word| path.last().contains(word))
    }
}

/// A generic parameter with its bounds, those of the `where` clause included.
#[derive(Clone, Debug)]
pub(crate) struct Generic {
    pub name: Ustr,
    pub bounds: ThinVec<TyPath>,
    pub default: Option<Ty>,
}

#[derive(Debug)]
pub(crate) enum Owner {
    None,
    /// The position of the impl among the file's.
    Impl(usize),
    /// The position of the trait among the file's.
    Trait(usize),
}

#[derive(Debug)]
pub(crate) struct Function {
    pub module: ModulePath,
    pub owner: Owner,
    pub name: Ustr,
    pub name_span: Span,
    pub is_async: bool,
    pub test: bool,
    /// The paths of its attributes.
    pub attrs: Vec<Names>,
    pub generics: Vec<Generic>,
    pub receiver: Option<Receiver>,
    pub params: Vec<Param>,
    pub ret: Option<Ty>,
    /// None for functions that await nothing, and for those without a body.
    pub body: Option<Block>,
    pub has_body: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    pub by_ref: bool,
}

#[derive(Debug)]
pub(crate) struct Param {
    pub pat: Pat,
    pub ty: Ty,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Ty {
    Path(TyPath),
    Ref(Box<Ty>),
    Tuple(ThinVec<Ty>),
    Slice(Box<Ty>),
    Impl(ThinVec<TyPath>),
    Dyn(ThinVec<TyPath>),
    Fn { inputs: ThinVec<Ty>, output: Option<Box<Ty>> },
    Other,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TyPath {
    /// The type of `<T as Trait>::Name`.
    pub qself: Option<Box<Ty>>,
    pub names: Names,
    /// The arguments of the last segment that has any.
    pub args: ThinVec<Ty>,
    /// `Output = T` and the like; the output of `Fn(A) -> B` is `Output`.
    pub assoc: ThinVec<(Ustr, Ty)>,
}

impl TyPath {
    pub(crate) fn last(&self) -> Ustr {
        self.names.last().copied().unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub stmts: ThinVec<Stmt>,
    pub span: Span,
}

impl Block {
    /// Returns its closing brace.
    pub(crate) fn end(&self) -> Span {
        Span { lo: self.span.hi.saturating_sub(1), hi: self.span.hi }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Stmt {
    Let {
        pat: Pat,
        ty: Option<Box<Ty>>,
        init: Option<Expr>,
        diverge: Option<Box<Expr>>,
        span: Span,
    },
    Expr {
        expr: Expr,
        semi: bool,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Pat {
    Bind { name: Ustr, by_ref: bool, sub: Option<Box<Pat>>, span: Span },
    Tuple(ThinVec<Pat>),
    TupleStruct { path: Names, elems: ThinVec<Pat> },
    Struct { path: Names, fields: ThinVec<(Ustr, Pat)> },
    Ref(Box<Pat>),
    Or(ThinVec<Pat>),
    Path(Names),
    Typed(Box<Pat>, Box<Ty>),
    Rest,
    Wild,
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Path(TyPath),
    Field {
        base: Box<Expr>,
        name: Ustr,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    Call {
        func: Box<Expr>,
        args: ThinVec<Expr>,
    },
    Method {
        receiver: Box<Expr>,
        name: Ustr,
        name_span: Span,
        turbofish: ThinVec<Ty>,
        args: ThinVec<Expr>,
    },
    Await {
        base: Box<Expr>,
        token: Span,
    },
    Try(Box<Expr>),
    Ref {
        expr: Box<Expr>,
    },
    Deref(Box<Expr>),
    /// Operands of an operator; `lazy` for `&&` and `||`.
    Binary {
        left: Box<Expr>,
        right: Box<Expr>,
        lazy: bool,
    },
    Assign {
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Block {
        block: Block,
        label: Option<Ustr>,
    },
    Async {
        block: Block,
        moves: bool,
    },
    Closure {
        params: ThinVec<(Pat, Option<Ty>)>,
        body: Box<Expr>,
        moves: bool,
        is_async: bool,
    },
    If {
        cond: Box<Expr>,
        then: Block,
        otherwise: Option<Box<Expr>>,
    },
    /// `let PAT = EXPR` as a condition.
    Let {
        pat: Pat,
        expr: Box<Expr>,
    },
    Match {
        scrutinee: Box<Expr>,
        arms: ThinVec<Arm>,
    },
    While {
        cond: Box<Expr>,
        body: Block,
        label: Option<Ustr>,
    },
    Loop {
        body: Block,
        label: Option<Ustr>,
    },
    For {
        pat: Box<Pat>,
        iter: Box<Expr>,
        body: Block,
        label: Option<Ustr>,
    },
    Return(Option<Box<Expr>>),
    Break {
        label: Option<Ustr>,
        value: Option<Box<Expr>>,
    },
    Continue {
        label: Option<Ustr>,
    },
    Struct {
        path: Box<TyPath>,
        fields: ThinVec<(Ustr, Expr)>,
        rest: Option<Box<Expr>>,
    },
    Tuple(ThinVec<Expr>),
    Array(ThinVec<Expr>),
    Cast {
        expr: Box<Expr>,
        ty: Box<Ty>,
    },
    /// The text of a literal, for strings.
    Lit(Option<Ustr>),
    Macro(Box<MacroCall>),
    Yield(Option<Box<Expr>>),
    /// Anything else, with the expressions inside.
    Other(ThinVec<Expr>),
}

#[derive(Clone, Debug)]
pub(crate) struct Arm {
    pub pat: Pat,
    pub guard: Option<Expr>,
    pub body: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct MacroCall {
    pub path: Names,
    pub name_span: Span,
    pub content: MacroContent,
}

#[derive(Clone, Debug)]
pub(crate) enum MacroContent {
    /// Arguments that read as expressions.
    Args(ThinVec<Expr>),
    /// A body of statements: `stream! { .. }`.
    Body(Block),
    /// The expansion of a macro by example.
    Expanded(Block),
    /// The branches of `select!`.
    Select(ThinVec<Branch>),
    /// Names in tokens that read as nothing known.
    Tokens { names: Vec<Ustr> },
}

#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub pat: Pat,
    pub future: Option<Expr>,
    pub guard: Option<Expr>,
    pub body: Expr,
}
