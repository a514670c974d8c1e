/* SPDX-License-Identifier: GPL-2.0-only */
#include "firewall.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "netlink.h"

namespace {

const std::string TABLE = "pkttop-demo", CHAIN = "forward";

Message message(uint16_t type, uint16_t flags)
{
	return Message((NFNL_SUBSYS_NFTABLES << 8) | type, NLM_F_CREATE | flags, nfgenmsg{NFPROTO_INET, NFNETLINK_V0, 0});
}

/* All between begin and end takes effect at once or not at all. */
Message bound(uint16_t type)
{
	return Message(type, 0, nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)});
}

/* A step of a rule; `fill` adds its attributes. */
template <typename Fill> void expression(Message &rule, const char *name, Fill fill)
{
	size_t element = rule.begin(NLA_F_NESTED | NFTA_LIST_ELEM);
	rule.add(NFTA_EXPR_NAME, name);
	size_t data = rule.begin(NLA_F_NESTED | NFTA_EXPR_DATA);
	fill();
	rule.end(data);
	rule.end(element);
}

} // namespace

/* What `nft add rule inet TABLE CHAIN th dport PORT drop` sends, with its table and chain. */
std::string drop_forwarded(uint16_t port)
{
	Message table = message(NFT_MSG_NEWTABLE, 0);
	table.add(NFTA_TABLE_NAME, TABLE);

	Message chain = message(NFT_MSG_NEWCHAIN, 0);
	chain.add(NFTA_CHAIN_TABLE, TABLE);
	chain.add(NFTA_CHAIN_NAME, CHAIN);
	size_t hook = chain.begin(NLA_F_NESTED | NFTA_CHAIN_HOOK);
	chain.add_be32(NFTA_HOOK_HOOKNUM, NF_INET_FORWARD);
	chain.add_be32(NFTA_HOOK_PRIORITY, 0);
	chain.end(hook);
	chain.add(NFTA_CHAIN_TYPE, "filter");

	Message rule = message(NFT_MSG_NEWRULE, NLM_F_ACK | NLM_F_APPEND);
	rule.add(NFTA_RULE_TABLE, TABLE);
	rule.add(NFTA_RULE_CHAIN, CHAIN);
	size_t expressions = rule.begin(NLA_F_NESTED | NFTA_RULE_EXPRESSIONS);
	expression(rule, "payload", [&] {
		rule.add_be32(NFTA_PAYLOAD_DREG, NFT_REG_1);
		rule.add_be32(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
		rule.add_be32(NFTA_PAYLOAD_OFFSET, 2); /* the destination port of TCP and of UDP */
		rule.add_be32(NFTA_PAYLOAD_LEN, sizeof port);
	});
	expression(rule, "cmp", [&] {
		rule.add_be32(NFTA_CMP_SREG, NFT_REG_1);
		rule.add_be32(NFTA_CMP_OP, NFT_CMP_EQ);
		size_t data = rule.begin(NLA_F_NESTED | NFTA_CMP_DATA);
		uint16_t bytes = htons(port);
		rule.add(NFTA_DATA_VALUE, &bytes, sizeof bytes);
		rule.end(data);
	});
	expression(rule, "immediate", [&] {
		rule.add_be32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
		size_t data = rule.begin(NLA_F_NESTED | NFTA_IMMEDIATE_DATA);
		size_t verdict = rule.begin(NLA_F_NESTED | NFTA_DATA_VERDICT);
		rule.add_be32(NFTA_VERDICT_CODE, NF_DROP);
		rule.end(verdict);
		rule.end(data);
	});
	rule.end(expressions);

	int error = transact(NETLINK_NETFILTER,
			     {bound(NFNL_MSG_BATCH_BEGIN), table, chain, rule, bound(NFNL_MSG_BATCH_END)});
	if (error == EPROTONOSUPPORT || error == EOPNOTSUPP)
		return "cannot make a firewall: this kernel has no nf_tables";
	return error ? std::string("cannot make a firewall: ") + strerror(error) : "";
}
