use cosmwasm_std::{coins, to_json_binary, Addr, BankMsg, CosmosMsg, StdResult, WasmMsg};
use cw20::Cw20ExecuteMsg;
use leasehold_api::{Asset, Denom};

/// The bank's or the token's message that pays an asset.
pub fn message(to: &Addr, asset: Asset) -> StdResult<CosmosMsg> {
    Ok(match asset.denom {
        Denom::Native(denom) => BankMsg::Send {
            to_address: to.to_string(),
            amount: coins(asset.amount.u128(), denom),
        }
        .into(),
        Denom::Cw20(contract_addr) => WasmMsg::Execute {
            contract_addr,
            msg: to_json_binary(&Cw20ExecuteMsg::Transfer {
                recipient: to.to_string(),
                amount: asset.amount,
            })?,
            funds: vec![],
        }
        .into(),
    })
}
