//! Decides which possible findings are findings, and tells the story of each.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use super::chains::one_for_each_chain;
use super::effects::{Effects, Kinds};
use super::entries::is_middleware;
use super::facts::{Candidate, Facts, Rule};
use super::value::{Guard, GuardId, Origin, WorkKind};

use crate::discover::Package;
use crate::findings::{Code, Confidence, Finding, GuardKind, Link, Place, Severity, Use, Waits};
use crate::index::{FnId, FnOwner, Index};
use crate::source::SourceFile;
use crate::syntax::visit::each_in_block;
use crate::syntax::{Kind, Span};

/// The longest chain of calls that a finding shows.
const MAX_CHAIN: usize = 8;

pub(crate) struct Decider<'a> {
    pub index: &'a Index,
    pub packages: &'a [Package],
    pub files: &'a [SourceFile],
    pub facts: &'a [Facts],
    pub effects: &'a Effects,
    real: HashMap<(FnId, Option<usize>), (FnId, GuardId, Span)>,
    /// The functions that something in the workspace calls.
    called: HashSet<FnId>,
}

impl<'a> Decider<'a> {
    pub(crate) fn new(
        index: &'a Index,
        packages: &'a [Package],
        files: &'a [SourceFile],
        facts: &'a [Facts],
        effects: &'a Effects,
    ) -> Decider<'a> {
        let called = facts.iter().flat_map(Facts::called).collect();
        let real = HashMap::new();
        let mut decider = Decider { index, packages, files, facts, effects, real, called };
        decider.follow_edges();
        decider
    }

    /// Finds which parameters are given a guard by some caller.
    fn follow_edges(&mut self) {
        loop {
            let before = self.real.len();
            for (at, facts) in self.facts.iter().enumerate() {
                let caller = FnId::at(at);
                for edge in &facts.edges {
                    let key = (edge.callee, edge.param);
                    if self.real.contains_key(&key) || edge.callee == caller {
                        continue;
                    }
                    if self.is_real(caller, edge.guard) {
                        self.real.insert(key, (caller, edge.guard, edge.span));
                    }
                }
            }
            if self.real.len() == before {
                return;
            }
        }
    }

    fn is_real(&self, function: FnId, guard: GuardId) -> bool {
        let known = &self.facts[function.0 as usize].guards[guard.0];
        // What may be empty is, if each caller that is known gives nothing.
        let asks = known.optional && self.called.contains(&function);
        known.certain && !asks || self.real.contains_key(&(function, slot(known.origin)))
    }

    /// Returns all findings.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut seen = HashSet::new();
        let mut findings = Vec::new();
        for (at, facts) in self.facts.iter().enumerate() {
            let function = FnId::at(at);
            let mut of_function = Vec::new();
            let mut worst = HashMap::new();
            for candidate in &facts.candidates {
                let given = candidate.given.iter().any(|given| self.is_real(function, *given));
                if given || !self.is_real(function, candidate.guard) {
                    continue;
                }
                let Some((code, kinds)) = self.code(facts, candidate) else { continue };
                let file = self.index.function(function).file;
                let finding = self.finding(function, facts, candidate, code, kinds);
                let awaited = matches!(candidate.rule, Rule::Await { .. } | Rule::Join);
                match worst.get(&candidate.span).filter(|_| awaited) {
                    // Futures that are awaited together are one finding, named after the worst.
                    Some(at) => {
                        let other: &mut Finding = &mut of_function[*at];
                        if (finding.severity, finding.waits) < (other.severity, other.waits) {
                            *other = finding;
                        }
                    }
                    None if seen.insert((file, candidate.span, code)) => {
                        if awaited {
                            worst.insert(candidate.span, of_function.len());
                        }
                        of_function.push(finding);
                    }
                    None => {}
                }
            }
            findings.extend(one_for_each_chain(of_function));
        }
        findings
    }

    fn code(&self, facts: &Facts, candidate: &Candidate) -> Option<(Code, Kinds)> {
        let in_scrutinee = match &candidate.rule {
            Rule::Fixed(code) => return Some((*code, Kinds::default())),
            Rule::Unfinished(given_to) => {
                let writes = given_to.iter().any(|id| self.effects.writes(*id));
                return writes.then(|| (Code::Sa005, Kinds::default()));
            }
            Rule::Await { in_scrutinee } => *in_scrutinee,
            Rule::Join => false,
        };
        let kinds = self.effects.works(self.index, &candidate.works);
        if kinds.is_empty() {
            return None;
        }
        let guard = &facts.guards[candidate.guard.0];
        // A connection that no pool misses may wait for a lock, a channel or the task that drives it.
        let idle = matches!(kinds.leading(), Some(Waits::Lock | Waits::Channel | Waits::Join));
        if guard.opened && idle {
            return None;
        }
        let code = match () {
            () if in_scrutinee => Code::Sa009,
            () if guard.what == GuardKind::Stream => Code::Sa007,
            () if guard.origin == Origin::Extractor => Code::Sa006,
            () if candidate.rule == Rule::Join => Code::Sa003,
            () if kinds.leading() == Some(Waits::Connection) => Code::Sa002,
            () if kinds.only_waiting() => Code::Sa003,
            () => Code::Sa001,
        };
        Some((code, kinds))
    }

    fn finding(
        &self,
        function: FnId,
        facts: &Facts,
        candidate: &Candidate,
        code: Code,
        kinds: Kinds,
    ) -> Finding {
        let info = self.index.function(function);
        let file = &self.files[info.file.0 as usize];
        let guard = &facts.guards[candidate.guard.0];
        let (line, column) = file.position(candidate.span.lo);
        let waits = kinds.leading().unwrap_or(Waits::Nothing);
        let test = info.item.test || file.aside;
        let direct = matches!(
            candidate.works.as_slice(),
            [work] if matches!(work.kind, WorkKind::Direct(_))
        );
        Finding {
            code,
            severity: severity(code, waits, test),
            confidence: confidence(guard, waits, direct),
            waits,
            file: file.shown.clone(),
            package: self.packages[file.package].name.clone(),
            line,
            column,
            span: candidate.span,
            function: self.name(function),
            function_line: file.line(info.item.name_span.lo),
            subject: Place { span: candidate.subject, line: file.line(candidate.subject.lo) },
            subject_text: shortened(file.slice(candidate.subject)),
            guard: guard.name.map(|name| name.to_string()),
            guard_kind: guard.what,
            acquired: Place { span: guard.span, line: file.line(guard.span.lo) },
            is_parameter: matches!(
                guard.origin,
                Origin::Param(_) | Origin::Extractor | Origin::SelfParam | Origin::Closure
            ),
            next_use: self
                .next_use(function, guard, candidate.span)
                .map(|span| Place { span, line: file.line(span.lo) }),
            takes_another: kinds.has(Waits::Connection),
            between_rows: candidate.between_rows,
            helpers: self.helpers(facts, candidate.guard),
            before: Use::Nothing,
            after: Use::Nothing,
            callers: self.callers(function, guard),
            callees: self.callees(candidate),
            test,
            is_handler: self.is_handler(function),
            is_middleware: is_middleware(&info.item),
            chained: 0,
            file_index: info.file.0 as usize,
            function_index: function.0 as usize,
        }
    }

    /// Returns a function's name with its type.
    pub(crate) fn name(&self, id: FnId) -> String {
        let info = self.index.function(id);
        let owner = match info.owner {
            FnOwner::Free => None,
            FnOwner::Impl(id) => match &self.index.impl_info(id).item.self_ty {
                crate::syntax::Ty::Path(path) => Some(path.last()),
                _ => None,
            },
            FnOwner::Trait(id) => Some(self.index.trait_info(id).item.name),
        };
        match owner {
            Some(owner) => format!("{owner}::{}", info.item.name),
            None => info.item.name.to_string(),
        }
    }

    fn link(&self, id: FnId, span: Span) -> Link {
        let info = self.index.function(id);
        let file = &self.files[info.file.0 as usize];
        Link { function: self.name(id), file: file.shown.clone(), line: file.line(span.lo) }
    }

    /// Returns how a parameter came to hold a connection, from the function that took it on.
    fn callers(&self, function: FnId, guard: &Guard) -> Vec<Link> {
        let mut chain = Vec::new();
        let mut at = (function, slot(guard.origin));
        let parameter = matches!(guard.origin, Origin::Param(_) | Origin::SelfParam);
        let mut seen = HashSet::new();
        while parameter && chain.len() < MAX_CHAIN && seen.insert(at) {
            let Some((caller, given, span)) = self.real.get(&at) else { break };
            chain.push(self.link(*caller, *span));
            let origin = self.facts[caller.0 as usize].guards[given.0].origin;
            if !matches!(origin, Origin::Param(_) | Origin::SelfParam) {
                break;
            }
            at = (*caller, slot(origin));
        }
        chain.reverse();
        chain
    }

    /// Returns the way from the await to what is waited for, if it is in another function.
    fn callees(&self, candidate: &Candidate) -> Vec<Link> {
        let kinds = self.effects.works(self.index, &candidate.works);
        let Some(wanted) = kinds.leading() else { return Vec::new() };
        let start: Vec<FnId> = candidate
            .works
            .iter()
            .filter_map(|work| match &work.kind {
                WorkKind::Calls(ids) => Some(ids.clone()),
                WorkKind::Direct(_) => None,
            })
            .flatten()
            .collect();
        let mut queue: VecDeque<(FnId, Vec<Link>)> =
            start.into_iter().map(|id| (id, Vec::new())).collect();
        let mut seen = HashSet::new();
        while let Some((id, path)) = queue.pop_front() {
            if !seen.insert(id) || path.len() > MAX_CHAIN || !self.effects.function(id).has(wanted)
            {
                continue;
            }
            let works = &self.facts[id.0 as usize].works;
            let direct = works
                .iter()
                .find(|work| matches!(work.kind, WorkKind::Direct(kind) if kind == wanted));
            if let Some(work) = direct {
                let mut path = path;
                path.push(self.link(id, work.span));
                return path;
            }
            for work in works {
                let WorkKind::Calls(ids) = &work.kind else { continue };
                for next in ids {
                    let mut path = path.clone();
                    path.push(self.link(id, work.span));
                    queue.push_back((*next, path));
                }
            }
        }
        Vec::new()
    }

    /// Returns the functions of the workspace that are given a guard, but for those that end it.
    fn helpers(&self, facts: &Facts, guard: GuardId) -> Vec<String> {
        let given = facts.edges.iter().filter(|edge| edge.guard == guard && edge.param.is_some());
        let names: BTreeSet<String> = given.map(|edge| self.name(edge.callee)).collect();
        names.into_iter().collect()
    }

    /// Returns where the guard's variable is named next.
    fn next_use(&self, function: FnId, guard: &Guard, after: Span) -> Option<Span> {
        let name = guard.name?;
        let body = self.index.function(function).item.body.as_ref()?;
        let mut next: Option<Span> = None;
        each_in_block(body, &mut |expr| {
            let Kind::Path(path) = &expr.kind else { return };
            let named = path.names.len() == 1 && path.names[0] == name;
            if named && expr.span.lo > after.hi && next.is_none_or(|next| expr.span.lo < next.lo) {
                next = Some(expr.span);
            }
        });
        next
    }

    /// Returns true for functions that a framework calls, by their attributes and parameters.
    pub(crate) fn is_handler(&self, id: FnId) -> bool {
        let item = &self.index.function(id).item;
        let by_attribute = item.attrs.iter().any(|attr| {
            attr.last().is_some_and(|name| {
                matches!(
                    name.as_str(),
                    "get"
                        | "post"
                        | "put"
                        | "delete"
                        | "patch"
                        | "handler"
                        | "tool"
                        | "endpoint"
                        | "debug_handler"
                        | "graphql"
                        | "Object"
                        | "oai"
                        | "command"
                        | "server"
                )
            })
        });
        by_attribute
            || item.params.iter().any(|param| {
                let crate::syntax::Ty::Path(path) = &param.ty else { return false };
                matches!(
                    path.last().as_str(),
                    "State"
                        | "Extension"
                        | "Json"
                        | "Data"
                        | "Query"
                        | "Form"
                        | "HttpRequest"
                        | "Parameters"
                        | "RequestContext"
                        | "Request"
                )
            })
    }
}

fn slot(origin: Origin) -> Option<usize> {
    match origin {
        Origin::Param(position) => Some(position),
        _ => None,
    }
}

fn severity(code: Code, waits: Waits, test: bool) -> Severity {
    match (code, waits) {
        _ if test => Severity::Note,
        (Code::Sa002, _) | (_, Waits::Http | Waits::Service | Waits::Sleep | Waits::Connection) => {
            Severity::Error
        }
        _ => Severity::Warning,
    }
}

fn confidence(guard: &Guard, waits: Waits, direct: bool) -> Confidence {
    match () {
        () if guard.guessed => Confidence::Low,
        () if !guard.certain => Confidence::Medium,
        () if waits == Waits::Unknown && !direct => Confidence::Medium,
        () => Confidence::High,
    }
}

/// Returns code on one line, cut where it gets long.
fn shortened(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let glued = word.starts_with(['.', '?', ')']) || line.ends_with('(');
        if !line.is_empty() && !glued {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(70) {
        Some((end, _)) => format!("{}..", &line[..end]),
        None => line,
    }
}
