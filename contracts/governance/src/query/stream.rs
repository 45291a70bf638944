use cosmwasm_std::{Deps, Env, StdResult};
use leasehold_api::governance::{StreamResponse, StreamsResponse};
use leasehold_api::pagination::page;

use crate::stream::{self, Stream, STREAMS};
use crate::ContractError;

pub fn one(deps: Deps, env: &Env, id: u64) -> Result<StreamResponse, ContractError> {
    let stream = stream::stream(deps.storage, id)?;
    Ok(response(env, id, stream)?)
}

pub fn list(
    deps: Deps,
    env: &Env,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<StreamsResponse> {
    let streams = page(&STREAMS, deps.storage, start_after, limit)?
        .into_iter()
        .map(|(id, stream)| response(env, id, stream))
        .collect::<StdResult<_>>()?;
    Ok(StreamsResponse { streams })
}

fn response(env: &Env, id: u64, stream: Stream) -> StdResult<StreamResponse> {
    let claimable = stream.claimable(env.block.time.seconds())?;
    Ok(StreamResponse {
        id,
        to: stream.to,
        asset: stream.asset,
        starts_at: stream.starts_at,
        ends_at: stream.ends_at,
        paid: stream.paid,
        claimable,
    })
}
