//! Mock peers that carry out what the market sends them.

use super::*;

/// What the mocks were told to do, in order.
pub(super) const RECEIVED: Item<Vec<Told>> = Item::new("received");

#[cw_serde]
pub enum Told {
    Open {
        stream: u64,
        account: u64,
        tenant: String,
        payee: String,
        rate: Uint128,
    },
    Reprice {
        stream: u64,
        tenant: String,
        rate: Uint128,
    },
    Close {
        stream: u64,
    },
    Slash {
        provider: String,
        denom: Denom,
        amount: Uint128,
        bond: Uint128,
        at: u64,
        recipients: Vec<provider::Share>,
        reason: String,
    },
    Compensate {
        provider: String,
        amount: Uint128,
        to: String,
    },
}

pub(super) fn mute(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    Ok(Response::new())
}

pub(super) fn no_query(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
    to_json_binary(&Empty {})
}

fn told(storage: &mut dyn Storage, what: Told) -> StdResult<()> {
    let mut all = RECEIVED.may_load(storage)?.unwrap_or_default();
    all.push(what);
    RECEIVED.save(storage, &all)
}

/// Opens and closes streams by the shared rules; pays nobody.
pub(super) fn mock_escrow(
    deps: DepsMut,
    env: Env,
    _: MessageInfo,
    msg: escrow::ExecuteMsg,
) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    let config = escrow::CONFIG.load(deps.storage)?;
    let live = |payee: &Addr| {
        let hot = provider::hot(&deps.querier, &config.suite.provider, payee);
        hot.map(|hot| hot.live)
    };
    let min = config.params.min_runway;
    // The stream and its account, brought up to now and paid.
    let collected = |storage: &dyn Storage, id: u64| -> Result<(Stream, Account), ContractError> {
        let mut stream = STREAMS.load(storage, id)?;
        let mut account = ACCOUNTS.load(storage, stream.account)?;
        account.settle(now)?;
        let (alive, moment) = stream.witness(Some(&live(&stream.payee)?), now)?;
        stream.reconcile(&mut account, alive, moment)?;
        stream.take_earned();
        Ok((stream, account))
    };
    match msg {
        escrow::ExecuteMsg::OpenStream {
            stream: id,
            account: account_id,
            tenant,
            payee,
            rate,
            until,
        } => {
            let mut account = ACCOUNTS.load(deps.storage, account_id)?;
            escrow::check_tenant::<ContractError>(
                account_id,
                &account,
                &Addr::unchecked(tenant.as_str()),
                rate,
                now,
                || ALLOWANCES.may_load(deps.storage, account_id),
            )?;
            let payee = Addr::unchecked(payee);
            let alive = live(&payee)?.alive_at(now)?;
            let stream = Stream::new(account_id, payee.clone(), rate, alive, now).ending(until);
            let stream = account.open_stream(stream, min)?;
            ACCOUNTS.save(deps.storage, account_id, &account)?;
            STREAMS.save(deps.storage, id, &stream)?;
            let open = Told::Open {
                stream: id,
                account: account_id,
                tenant,
                payee: payee.into(),
                rate,
            };
            told(deps.storage, open)?;
        }
        escrow::ExecuteMsg::RepriceStream {
            stream: id,
            tenant,
            rate,
        } => {
            let (mut stream, mut account) = collected(deps.storage, id)?;
            account.reprice(&mut stream, rate, min)?;
            ACCOUNTS.save(deps.storage, stream.account, &account)?;
            STREAMS.save(deps.storage, id, &stream)?;
            let reprice = Told::Reprice {
                stream: id,
                tenant,
                rate,
            };
            told(deps.storage, reprice)?;
        }
        escrow::ExecuteMsg::CloseStream { stream: id } => {
            let (stream, mut account) = collected(deps.storage, id)?;
            let account_id = stream.account;
            account.close_stream(stream)?;
            ACCOUNTS.save(deps.storage, account_id, &account)?;
            STREAMS.remove(deps.storage, id);
            told(deps.storage, Told::Close { stream: id })?;
        }
        other => panic!("the market sent {other:?}"),
    }
    Ok(Response::new())
}

/// Takes collateral away as it is told.
pub(super) fn mock_provider(
    deps: DepsMut,
    _: Env,
    _: MessageInfo,
    msg: provider::ExecuteMsg,
) -> Result<Response, ContractError> {
    let mut take = |provider: &str, denom: &Denom, amount: Uint128| -> StdResult<()> {
        let address = Addr::unchecked(provider);
        let mut hot = HOT.load(deps.storage, &address)?;
        for asset in hot.collateral.iter_mut().filter(|a| a.denom == *denom) {
            asset.amount -= amount;
        }
        HOT.save(deps.storage, &address, &hot)
    };
    let what = match msg {
        provider::ExecuteMsg::Slash {
            provider,
            denom,
            amount,
            bond,
            at,
            recipients,
            reason,
        } => {
            take(&provider, &denom, amount)?;
            Told::Slash {
                provider,
                denom,
                amount,
                bond,
                at,
                recipients,
                reason,
            }
        }
        provider::ExecuteMsg::Compensate {
            provider,
            denom,
            amount,
            to,
        } => {
            take(&provider, &denom, amount)?;
            Told::Compensate {
                provider,
                amount,
                to,
            }
        }
        other => panic!("the market sent {other:?}"),
    };
    told(deps.storage, what)?;
    Ok(Response::new())
}
