//! `accord init`.

use std::path::PathBuf;

use accord_base::ResourceId;
use accord_engine::NewStore;
use clap::Args;

use crate::fail::Fail;
use crate::out;

/// Make a new, empty store.
#[derive(Args)]
pub struct Init {
    /// Folder of the store; made if it is not there.
    #[arg(long)]
    data: PathBuf,
    /// Name of the store in checkpoints, a URL without scheme.
    #[arg(long, default_value = "accord.local/node-1")]
    origin: String,
    /// Organisation (its id) that answers for what is written without naming anyone.
    #[arg(long, value_name = "ORG", default_value = "default-organization")]
    default_controller: String,
    /// Let `accord token --as` mint tokens for anyone: for demonstrations and tests only, and
    /// for good.
    #[arg(long)]
    test_principals: bool,
}

/// Runs the command.
pub fn run(init: &Init) -> Result<(), Fail> {
    let new = NewStore {
        origin: init.origin.clone(),
        default_controller: ResourceId::new(&init.default_controller)?,
        test_principals: init.test_principals,
    };
    accord_engine::create(&init.data, &new)?;
    crate::keys::read(&init.data)?;
    out::line(&format!(
        "made a store in {}; keep a copy of store.key in a safe place",
        init.data.display()
    ))
}
