//! Writes the two crates, from the files in `templates/`.

use std::env;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// How a crate's handlers hold a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// `sqlx::Pool`, `acquire` and `drop`, `begin` and `commit`.
    ByHand,
    /// Leases.
    Shortlease,
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::ByHand, Side::Shortlease];

    /// The crate's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Side::ByHand => "handlers-by-hand",
            Side::Shortlease => "handlers-in-leases",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Side::ByHand => "by hand",
            Side::Shortlease => "shortlease",
        }
    }

    /// The source of handler 0, of which the others differ in that number.
    fn handler(self) -> &'static str {
        match self {
            Side::ByHand => include_str!("../../templates/by_hand/handler.rs"),
            Side::Shortlease => include_str!("../../templates/shortlease/handler.rs"),
        }
    }

    fn routes(self) -> &'static str {
        match self {
            Side::ByHand => include_str!("../../templates/by_hand/routes.rs"),
            Side::Shortlease => include_str!("../../templates/shortlease/routes.rs"),
        }
    }
}

/// The two crates on disk, in the target directory of the real workspace: dependencies need checking only once.
pub(super) struct Workspace {
    path: PathBuf,
    target: PathBuf,
    handlers: usize,
}

impl Workspace {
    pub(super) fn write(handlers: usize) -> Workspace {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("bench is in a workspace");
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
        let workspace = Workspace { path: target.join("compile_cost"), target, handlers };
        let members = Side::BOTH.map(Side::name);
        workspace.put(
            "Cargo.toml",
            &format!(
                "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
                 [profile.dev]\ndebug = \"line-tables-only\"\n\n\
                 [profile.dev.package.\"*\"]\ndebug = false\n"
            ),
        );
        let lock = fs::read_to_string(root.join("Cargo.lock")).expect("the workspace has a lock");
        workspace.put("Cargo.lock", &lock);
        workspace.put("time_passes.sh", include_str!("../../templates/time_passes.sh"));
        fs::set_permissions(workspace.time_passes(), Permissions::from_mode(0o755))
            .expect("it was just written");
        for side in Side::BOTH {
            workspace.write_crate(side, &root.join("runtime"));
        }
        workspace
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where cargo puts what it makes of them.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// What makes rustc say where its time goes.
    pub(super) fn time_passes(&self) -> PathBuf {
        self.path.join("time_passes.sh")
    }

    /// Edits the body of one handler; another one, and otherwise, in each repetition.
    pub(super) fn touch(&self, side: Side, repetition: usize) {
        let handler = (repetition + 1) * 31 % self.handlers;
        let source = handler_source(side, handler)
            .replace("of set", &format!("({repetition}) of set"))
            .replace("calls + 1", "calls + 2");
        self.put(&format!("{}/src/handlers/tool_{handler}.rs", side.name()), &source);
    }

    fn write_crate(&self, side: Side, shortlease: &Path) {
        let name = side.name();
        let manifest = include_str!("../../templates/manifest.toml")
            .replace("{name}", name)
            .replace("{shortlease}", &shortlease.display().to_string());
        let mut handlers = String::new();
        let mut routes = side.routes().to_owned();
        let count = self.handlers;
        writeln!(routes, "\npub const HANDLERS: [Handler; {count}] = [").expect("a string");
        // Of an earlier run, perhaps more of them.
        let _ = fs::remove_dir_all(self.path.join(name).join("src"));
        for number in 0..count {
            writeln!(handlers, "pub mod tool_{number};").expect("a string");
            writeln!(routes, "    tool_{number}::boxed,").expect("a string");
            let source = handler_source(side, number);
            self.put(&format!("{name}/src/handlers/tool_{number}.rs"), &source);
        }
        routes.push_str("];\n");
        self.put(&format!("{name}/Cargo.toml"), &manifest);
        self.put(&format!("{name}/src/lib.rs"), include_str!("../../templates/lib.rs"));
        self.put(&format!("{name}/src/backend.rs"), include_str!("../../templates/backend.rs"));
        self.put(&format!("{name}/src/error.rs"), include_str!("../../templates/error.rs"));
        self.put(&format!("{name}/src/handlers/mod.rs"), &handlers);
        self.put(&format!("{name}/src/routes.rs"), &routes);
    }

    fn put(&self, file: &str, content: &str) {
        let path = self.path.join(file);
        fs::create_dir_all(path.parent().expect("a file is in a directory")).expect("a directory");
        fs::write(path, content).expect("a file");
    }
}

fn handler_source(side: Side, number: usize) -> String {
    side.handler()
        .replace("tool_0", &format!("tool_{number}"))
        .replace("Tool0", &format!("Tool{number}"))
        .replace("tools_0", &format!("tools_{number}"))
        .replace("calls_0", &format!("calls_{number}"))
        .replace("set 0", &format!("set {number}"))
}
