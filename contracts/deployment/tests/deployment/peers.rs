//! Stand-ins for escrow and market.

use cosmwasm_std::{
    ensure, Addr, Binary, Coin, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdError,
    StdResult,
};
use cw_multi_test::{App, Contract, ContractWrapper};
use cw_storage_plus::Item;
use leasehold_api::escrow::{self, ACCOUNTS, NEXT_ACCOUNT};
use leasehold_api::market::{self, Order, OrderStatus, ORDERS};
use leasehold_rules::auction::{Auction, AuctionParams};
use leasehold_rules::stream::Account;

const TIMES: AuctionParams = AuctionParams {
    bidding: 60,
    extension: 15,
    hard_close: 180,
    min_blocks: 0,
    min_decrement_bps: 200,
    claim_window: 60,
    ramp: 60,
    commit: 120,
    reveal: 120,
};

/// A call that a stand-in took, as text, with the coins.
pub type Call = (String, Vec<Coin>);

const CALLS: Item<Vec<Call>> = Item::new("calls");
/// A message whose text contains this is refused.
const BROKEN: Item<String> = Item::new("broken");

pub fn escrow() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(escrow_execute, init, query))
}

pub fn market() -> Box<dyn Contract<Empty>> {
    Box::new(ContractWrapper::new(market_execute, init, query))
}

pub fn calls(app: &App, peer: &Addr) -> Vec<Call> {
    CALLS.load(app.contract_storage(peer).as_ref()).unwrap()
}

/// Makes a peer refuse messages whose text contains `part`.
pub fn break_on(app: &mut App, peer: &Addr, part: &str) {
    let mut storage = app.contract_storage_mut(peer);
    BROKEN.save(storage.as_mut(), &part.to_string()).unwrap();
}

pub fn set_order(app: &mut App, market: &Addr, id: u64, status: OrderStatus, lease: Option<u64>) {
    let mut storage = app.contract_storage_mut(market);
    let order = ORDERS.load(storage.as_ref(), id).unwrap();
    let changed = Order {
        status,
        lease,
        ..order
    };
    ORDERS.save(storage.as_mut(), id, &changed).unwrap();
}

pub fn prune_order(app: &mut App, market: &Addr, id: u64) {
    ORDERS.remove(app.contract_storage_mut(market).as_mut(), id);
}

pub fn account(app: &App, escrow: &Addr, id: u64) -> Account {
    let storage = app.contract_storage(escrow);
    ACCOUNTS.load(storage.as_ref(), id).unwrap()
}

fn init(deps: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    CALLS.save(deps.storage, &vec![])?;
    NEXT_ACCOUNT.save(deps.storage, &41)?;
    Ok(Response::new())
}

fn query(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
    Err(StdError::generic_err("peers are read raw, never asked"))
}

fn note(deps: &mut DepsMut, msg: &impl std::fmt::Debug, funds: &[Coin]) -> StdResult<()> {
    let text = format!("{msg:?}");
    if let Some(part) = BROKEN.may_load(deps.storage)? {
        ensure!(!text.contains(&part), StdError::generic_err("broken"));
    }
    CALLS.update(deps.storage, |mut calls| {
        calls.push((text, funds.to_vec()));
        StdResult::Ok(calls)
    })?;
    Ok(())
}

fn escrow_execute(
    mut deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: escrow::ExecuteMsg,
) -> StdResult<Response> {
    note(&mut deps, &msg, &info.funds)?;
    match msg {
        escrow::ExecuteMsg::Open { owner, denom } => {
            let id = NEXT_ACCOUNT.load(deps.storage)?;
            NEXT_ACCOUNT.save(deps.storage, &(id + 1))?;
            let owner = owner.map_or(info.sender, Addr::unchecked);
            let mut account = Account::new(owner, denom, env.block.time.seconds());
            for coin in &info.funds {
                account
                    .deposit(coin.amount)
                    .map_err(|e| StdError::generic_err(e.to_string()))?;
            }
            ACCOUNTS.save(deps.storage, id, &account)?;
        }
        escrow::ExecuteMsg::TransferAccount {
            account, new_owner, ..
        } => {
            let mut record = ACCOUNTS.load(deps.storage, account)?;
            record.owner = Addr::unchecked(new_owner);
            ACCOUNTS.save(deps.storage, account, &record)?;
        }
        _ => {}
    }
    Ok(Response::new())
}

fn market_execute(
    mut deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: market::ExecuteMsg,
) -> StdResult<Response> {
    note(&mut deps, &msg, &info.funds)?;
    match msg {
        market::ExecuteMsg::OpenOrder {
            order_id,
            account,
            denom,
            max_rate,
            terms,
            offer: _,
        } => {
            let now = env.block.time.seconds();
            let auction = Auction::open(terms.auction, max_rate, &TIMES, now, env.block.height)
                .map_err(|e| StdError::generic_err(e.to_string()))?;
            let order = Order {
                account,
                denom,
                status: OrderStatus::Open,
                round: 1,
                attempts: 0,
                auction,
                excluded: vec![],
                lease: None,
                leases: 0,
                exit: terms.exit,
                leaves_at: None,
                duration: terms.max_duration,
                penalties: 0,
                closed_at: None,
            };
            ORDERS.save(deps.storage, order_id, &order)?;
        }
        market::ExecuteMsg::CloseOrder { order_id } => {
            let order = ORDERS.load(deps.storage, order_id)?;
            let closed = Order {
                status: OrderStatus::Closed,
                lease: None,
                ..order
            };
            ORDERS.save(deps.storage, order_id, &closed)?;
        }
        market::ExecuteMsg::ChangeLease { .. } => {}
        other => return Err(StdError::generic_err(format!("unexpected: {other:?}"))),
    }
    Ok(Response::new())
}
