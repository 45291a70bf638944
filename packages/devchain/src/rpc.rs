//! The RPC methods.

use serde_json::{json, Value};

use crate::chain::Chain;
use crate::error::INVALID_HEIGHT;
use crate::json;
use crate::ledger::TxResult;
use crate::node::{Node, NodeError};
use crate::params::{required, Encoding, Params};
use crate::query::abci_query;
use crate::search::Query;
use crate::tx::TxHash;

/// CometBFT's default `mempool.max_tx_bytes`.
const MAX_TX: usize = 1 << 20;
const DEFAULT_PER_PAGE: u64 = 30;
const MAX_PER_PAGE: u64 = 100;
const MAX_BLOCK_METAS: u64 = 20;

/// A JSON-RPC error object.
#[derive(Debug)]
pub(crate) struct RpcError {
    pub(crate) code: i32,
    pub(crate) message: &'static str,
    pub(crate) data: String,
}

impl RpcError {
    pub(crate) fn parse(why: impl ToString) -> Self {
        Self {
            code: -32700,
            message: "Parse error. Invalid JSON",
            data: why.to_string(),
        }
    }

    pub(crate) fn invalid_request(why: impl ToString) -> Self {
        Self {
            code: -32600,
            message: "Invalid Request",
            data: why.to_string(),
        }
    }

    pub(crate) fn invalid_params(why: impl ToString) -> Self {
        Self {
            code: -32602,
            message: "Invalid params",
            data: why.to_string(),
        }
    }

    fn method_not_found(method: &str) -> Self {
        Self {
            code: -32601,
            message: "Method not found",
            data: method.chars().take(80).collect(),
        }
    }

    fn internal(why: impl ToString) -> Self {
        Self {
            code: -32603,
            message: "Internal error",
            data: why.to_string(),
        }
    }
}

impl From<NodeError> for RpcError {
    fn from(error: NodeError) -> Self {
        Self::internal(error)
    }
}

type Answer = Result<Value, RpcError>;

/// Runs one method.
///
/// # Errors
/// Unknown method, wrong parameters, or what the method itself reports.
pub(crate) async fn call(node: &Node, method: &str, params: Params) -> Answer {
    let run: fn(&mut Chain, Params) -> Answer = match method {
        "health" => |_, _| Ok(json!({})),
        "status" => |chain, _| Ok(json::status(&chain.ledger)),
        "abci_info" => |chain, _| Ok(json::abci_info(&chain.ledger)),
        "abci_query" => query,
        "block" => block,
        "header" => header,
        "commit" => commit,
        "block_results" => block_results,
        "blockchain" => blockchain,
        "validators" => validators,
        "tx" => tx,
        "tx_search" => tx_search,
        "num_unconfirmed_txs" => |chain, _| Ok(json::unconfirmed(chain.mempool_len())),
        "broadcast_tx_sync" => broadcast_sync,
        "broadcast_tx_async" => broadcast_async,
        "broadcast_tx_commit" => return broadcast_commit(node, params).await,
        "dev_advance" => advance,
        unknown => return Err(RpcError::method_not_found(unknown)),
    };
    node.run(move |chain| run(chain, params)).await?
}

fn query(chain: &mut Chain, params: Params) -> Answer {
    let path = params.text("path", 0)?.unwrap_or_default();
    let data = params.bytes("data", 1, Encoding::Hex)?.unwrap_or_default();
    let asked = params.number("height", 2)?.unwrap_or(0);
    let height = chain.ledger.height();
    let outcome = if asked == 0 || asked == height {
        abci_query(chain, &path, &data)
    } else {
        Err(INVALID_HEIGHT.because(format!(
            "height {asked}: the devchain keeps the state of the newest height {height} only"
        )))
    };
    Ok(json::abci_query(outcome, height))
}

fn block(chain: &mut Chain, params: Params) -> Answer {
    let height = height(chain, &params)?;
    json::block(&chain.ledger, height).ok_or_else(|| no_block(chain, height))
}

fn header(chain: &mut Chain, params: Params) -> Answer {
    let height = height(chain, &params)?;
    let block = chain
        .ledger
        .block(height)
        .ok_or_else(|| no_block(chain, height))?;
    Ok(json!({ "header": json::header(block) }))
}

fn commit(chain: &mut Chain, params: Params) -> Answer {
    let height = height(chain, &params)?;
    let block = chain
        .ledger
        .block(height)
        .ok_or_else(|| no_block(chain, height))?;
    Ok(json!({
        "signed_header": { "header": json::header(block), "commit": json::commit(Some(block)) },
        "canonical": height < chain.ledger.height(),
    }))
}

fn block_results(chain: &mut Chain, params: Params) -> Answer {
    let height = height(chain, &params)?;
    let block = chain
        .ledger
        .block(height)
        .ok_or_else(|| no_block(chain, height))?;
    Ok(json::block_results(height, block))
}

fn blockchain(chain: &mut Chain, params: Params) -> Answer {
    let top = chain.ledger.height();
    let max = params
        .number("maxHeight", 1)?
        .filter(|h| *h > 0)
        .unwrap_or(top)
        .min(top);
    let min = params
        .number("minHeight", 0)?
        .unwrap_or(1)
        .max(1)
        .max((max + 1).saturating_sub(MAX_BLOCK_METAS));
    if min > max {
        return Err(RpcError::internal(format!(
            "min height {min} can't be greater than max height {max}"
        )));
    }
    let metas: Vec<Value> = (min..=max)
        .rev()
        .filter_map(|height| chain.ledger.block(height))
        .map(json::block_meta)
        .collect();
    Ok(json!({ "last_height": top.to_string(), "block_metas": metas }))
}

fn validators(chain: &mut Chain, params: Params) -> Answer {
    let height = height(chain, &params)?;
    Ok(json!({
        "block_height": height.to_string(),
        "validators": [json::validator(&chain.ledger.validator)],
        "count": "1",
        "total": "1",
    }))
}

fn tx(chain: &mut Chain, params: Params) -> Answer {
    let hash = required(params.bytes("hash", 0, Encoding::Base64)?, "hash")?;
    let key: TxHash = hash.as_slice().try_into().map_err(|_| {
        RpcError::invalid_params(format!("hash of {} bytes, expected 32", hash.len()))
    })?;
    let found = chain.ledger.tx(&key);
    let tx = found.ok_or_else(|| {
        RpcError::internal(format!("tx ({}) not found", hex::encode_upper(&hash)))
    })?;
    Ok(json::tx(tx))
}

fn tx_search(chain: &mut Chain, params: Params) -> Answer {
    let text = required(params.text("query", 0)?, "query")?;
    let query = Query::parse(&text).map_err(RpcError::invalid_params)?;
    let page = params.number("page", 2)?.unwrap_or(1);
    let per_page = match params.number("per_page", 3)? {
        None | Some(0) => DEFAULT_PER_PAGE,
        Some(n) => n.min(MAX_PER_PAGE),
    };
    let mut hits = query.run(&chain.ledger);
    match params.text("order_by", 4)?.as_deref() {
        None | Some("" | "asc") => {}
        Some("desc") => hits.reverse(),
        Some(other) => {
            return Err(RpcError::invalid_params(format!(
                "order_by is {other:?}, expected \"asc\" or \"desc\""
            )))
        }
    }
    let total = hits.len() as u64;
    let pages = total.div_ceil(per_page).max(1);
    if !(1..=pages).contains(&page) {
        return Err(RpcError::internal(format!(
            "page should be within [1, {pages}] range, given {page}"
        )));
    }
    let skip = ((page - 1) * per_page) as usize;
    let txs: Vec<Value> = hits
        .into_iter()
        .skip(skip)
        .take(per_page as usize)
        .filter_map(|pos| chain.ledger.at(pos))
        .map(json::tx)
        .collect();
    Ok(json!({ "txs": txs, "total_count": total.to_string() }))
}

fn broadcast_sync(chain: &mut Chain, params: Params) -> Answer {
    let (hash, result) = check(chain, &params)?;
    Ok(json::broadcast(&hash, &result))
}

fn broadcast_async(chain: &mut Chain, params: Params) -> Answer {
    let (hash, _) = check(chain, &params)?;
    Ok(json::broadcast(&hash, &TxResult::default()))
}

async fn broadcast_commit(node: &Node, params: Params) -> Answer {
    let (hash, checked, before) = node
        .run(move |chain| {
            let (hash, result) = check(chain, &params)?;
            Ok::<_, RpcError>((hash, result, chain.ledger.height()))
        })
        .await??;
    let included = if checked.code == 0 {
        // Every block takes the whole mempool, so the next one has it.
        let mut height = node.height();
        height
            .wait_for(|h| *h > before)
            .await
            .map_err(|_| NodeError::Stopped)?;
        node.run(move |chain| {
            let tx = chain.ledger.tx(&hash)?;
            Some((tx.height, json::tx_result(&tx.result)))
        })
        .await?
    } else {
        None
    };
    let (height, result) = included.unwrap_or_else(|| (0, json::tx_result(&TxResult::default())));
    Ok(json!({
        "check_tx": json::tx_result(&checked),
        "tx_result": result,
        "hash": hex::encode_upper(hash),
        "height": height.to_string(),
    }))
}

fn check(chain: &mut Chain, params: &Params) -> Result<(TxHash, TxResult), RpcError> {
    let bytes = required(params.bytes("tx", 0, Encoding::Base64)?, "tx")?;
    if bytes.len() > MAX_TX {
        return Err(RpcError::internal(format!(
            "tx too large. Max size is {MAX_TX}, but got {}",
            bytes.len()
        )));
    }
    chain.check(bytes).map_err(RpcError::internal)
}

fn advance(chain: &mut Chain, params: Params) -> Answer {
    let seconds = required(params.number("seconds", 0)?, "seconds")?;
    let pending = chain.advance(seconds).map_err(RpcError::invalid_params)?;
    Ok(json!({ "pending_seconds": pending.to_string() }))
}

/// The height asked for; the newest when none is.
fn height(chain: &Chain, params: &Params) -> Result<u64, RpcError> {
    let newest = chain.ledger.height();
    match params.number("height", 0)?.unwrap_or(newest) {
        0 => Err(RpcError::internal(
            "height must be greater than 0, but got 0",
        )),
        height if height > newest => Err(no_block(chain, height)),
        height => Ok(height),
    }
}

fn no_block(chain: &Chain, height: u64) -> RpcError {
    RpcError::internal(format!(
        "height {height} must be less than or equal to the current blockchain height {}",
        chain.ledger.height()
    ))
}
