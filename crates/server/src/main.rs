//! `accord`: one binary for the server and the operator's commands.

mod account;
mod administration;
mod check;
mod client;
mod fail;
mod hooks;
mod identity;
mod import;
mod init;
mod keys;
mod log;
mod oidc;
mod out;
mod policy;
mod receipt;
mod schemes;
mod serve;
mod stats;
mod subscriptions;
mod synth;
mod timers;
mod token;
mod verify;
mod zone;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Many small, short-lived buffers on many threads: see docs/dependencies.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A health-data platform: a FHIR R4 server in which every access is decided and recorded.
#[derive(Parser)]
#[command(name = "accord", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new, empty store.
    Init(init::Init),
    /// Serve a store over HTTP.
    Serve(Box<serve::Serve>),
    /// Read bundles, resources and NDJSON into a store.
    Import(import::Import),
    /// Make a synthetic population, as files or in a store.
    Synth(synth::Synth),
    /// Print a short-lived bearer token.
    Token(token::Token),
    /// Say who may sign in.
    Account(account::Account),
    /// Register apps and systems that may ask for tokens.
    Client(client::Client),
    /// Replace the key pair that signs tokens.
    Key(keys::Key),
    /// Verify that no record was changed, removed or reordered.
    Verify(verify::Verify),
    /// Print the newest signed checkpoint, to be kept elsewhere.
    Checkpoint(verify::Checkpoint),
    /// Check a receipt that was given for a consent.
    Receipt(receipt::Receipt),
    /// Check every checksum, and the index against the documents.
    Check(check::Check),
    /// Say how subscriptions stand, and tell them again.
    Subscriptions(subscriptions::Subscriptions),
    /// Print figures about a store.
    Stats(stats::Stats),
}

fn main() -> ExitCode {
    log::start();
    let result = match Arguments::parse().command {
        Command::Init(init) => init::run(&init).map(|()| true),
        Command::Serve(serve) => serve::run(&serve).map(|()| true),
        Command::Import(import) => import::run(&import),
        Command::Synth(synth) => synth::run(&synth),
        Command::Token(token) => token::run(&token).map(|()| true),
        Command::Account(account) => account::run(&account).map(|()| true),
        Command::Client(client) => client::run(&client).map(|()| true),
        Command::Key(key) => keys::run(&key).map(|()| true),
        Command::Verify(verify) => verify::run(&verify),
        Command::Checkpoint(checkpoint) => verify::print(&checkpoint).map(|()| true),
        Command::Receipt(receipt) => receipt::run(&receipt),
        Command::Check(check) => check::run(&check),
        Command::Subscriptions(subscriptions) => subscriptions::run(&subscriptions),
        Command::Stats(stats) => stats::run(&stats).map(|()| true),
    };
    log::flush();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        // The command did its work and found or refused something.
        Ok(false) => ExitCode::from(1),
        Err(fail) => {
            eprintln!("accord: {fail}");
            ExitCode::from(2)
        }
    }
}
