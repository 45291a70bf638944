// CosmJS against a running chain, devchain or wasmd: `node chain.mjs RPC_URL MNEMONIC RECIPIENT CW20_CODE_ID`.
// Prints one line per step and exits with an error at the first surprise.
import assert from "node:assert/strict";
import { SigningCosmWasmClient } from "@cosmjs/cosmwasm";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { GasPrice } from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";

const [url, mnemonic, recipient, codeId] = process.argv.slice(2);
const step = (name) => console.log(`ok ${name}`);

const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "wasm" });
const [{ address: me }] = await wallet.getAccounts();
const comet = await Comet38Client.connect(url);
const client = await SigningCosmWasmClient.createWithSigner(comet, wallet, {
  gasPrice: GasPrice.fromString("0.01ustake"),
  broadcastPollIntervalMs: 50,
});
const chainId = (await comet.status()).nodeInfo.network;
assert.equal(await client.getChainId(), chainId);
assert.ok((await client.getHeight()) >= 1);
step("connect");

const status = await comet.status();
const block = await comet.block(status.syncInfo.latestBlockHeight);
assert.deepEqual(block.blockId.hash, status.syncInfo.latestBlockHash);
assert.equal((await comet.block(1)).block.lastCommit, null);
assert.equal((await comet.validators({ height: 1 })).total, 1);
await comet.health();
await comet.abciInfo();
await comet.commit(1);
assert.ok((await comet.blockchain()).blockMetas.length > 0);
step("blocks");

const code = await client.getCodeDetails(Number(codeId));
const earlier = await client.getContracts(code.id);
const { contractAddress: token } = await client.instantiate(
  me,
  code.id,
  {
    name: "Token",
    symbol: "TOKEN",
    decimals: 6,
    initial_balances: [{ address: me, amount: "100" }],
  },
  "token",
  "auto",
  { admin: me },
);
const contract = await client.getContract(token);
assert.equal(contract.label, "token");
assert.equal(contract.admin, me);
const contracts = await client.getContracts(code.id);
assert.deepEqual(contracts.filter((address) => !earlier.includes(address)), [token]);
step("instantiate");

const before = await client.getSequence(me);
const transfer = { transfer: { recipient, amount: "30" } };
const done = await client.execute(me, token, transfer, 1.4);
assert.ok(done.height > 0);
const event = done.events.find((e) => e.type === "wasm");
assert.ok(event.attributes.some((a) => a.key === "action" && a.value === "transfer"));
assert.deepEqual(await client.queryContractSmart(token, { balance: { address: recipient } }), { balance: "30" });
assert.equal((await client.getSequence(me)).sequence, before.sequence + 1);
step("execute and query");

const indexed = await client.getTx(done.transactionHash);
assert.equal(indexed.height, done.height);
const found = await client.searchTx([
  { key: "wasm._contract_address", value: token },
  { key: "wasm.action", value: "transfer" },
]);
assert.deepEqual(found.map((tx) => tx.hash), [done.transactionHash]);
const results = await comet.blockResults(done.height);
assert.ok(results.results.some((r) => r.events.some((e) => e.type === "wasm")));
step("index");

const coins = await client.getBalance(recipient, "uakt");
await client.sendTokens(me, recipient, [{ denom: "uakt", amount: "5" }], "auto", "a memo");
const after = await client.getBalance(recipient, "uakt");
assert.equal(BigInt(after.amount) - BigInt(coins.amount), 5n);
step("send");

const { accountNumber, sequence } = await client.getSequence(me);
const stale = await client.sign(
  me,
  [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: { fromAddress: me, toAddress: recipient, amount: [{ denom: "uakt", amount: "1" }] } }],
  { amount: [], gas: "200000" },
  "",
  { accountNumber, sequence: sequence + 5, chainId },
);
await assert.rejects(client.broadcastTx(TxRaw.encode(stale).finish()), (error) => {
  assert.equal(error.code, 32);
  assert.match(error.log, new RegExp(`expected ${sequence}, got ${sequence + 5}: incorrect account sequence`));
  return true;
});
step("sequence error");

const tooMuch = { transfer: { recipient, amount: "1000000" } };
await assert.rejects(client.execute(me, token, tooMuch, 1.4), /message index: 0: .*execute wasm contract failed/s);
await assert.rejects(
  client.execute(me, token, tooMuch, { amount: [], gas: "300000" }),
  /Error when broadcasting tx .* Code: 5; Raw log: failed to execute message/s,
);
await assert.rejects(client.queryContractSmart(token, { nothing: {} }), /query wasm contract failed/);
const [{ address: nobody }] = await (await DirectSecp256k1HdWallet.generate(12, { prefix: "wasm" })).getAccounts();
assert.equal(await client.getAccount(nobody), null);
step("failing execute");

client.disconnect();
// A refused broadcast leaves CosmJS's one-minute timer running.
process.exit(0);
