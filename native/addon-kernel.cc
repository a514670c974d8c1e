/* SPDX-License-Identifier: GPL-2.0-only */
/* The addon on what a kernel has, and on itself. */
#include "addon.h"

#include "btf.h"
#include "control.h"
#include "match.h"

/* What this kernel's BTF has of the functions and tracepoints of these names. (functions, tracepoints) */
static Napi::Value kernel_has(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object out = Napi::Object::New(env);
	Napi::Array functions = info[0].As<Napi::Array>(), tracepoints = info[1].As<Napi::Array>();
	Napi::Array has = Napi::Array::New(env, functions.Length()), marks = Napi::Array::New(env, tracepoints.Length());
	KernelTypes types;
	out.Set("error", types.open());
	for (uint32_t i = 0; i < functions.Length(); i++) {
		Layout layout;
		bool found = types.function(functions.Get(i).As<Napi::String>(), &layout);
		has.Set(i, Napi::String::New(env, !found ? "no" : layout.plain ? "plain" : "odd"));
	}
	for (uint32_t i = 0; i < tracepoints.Length(); i++) {
		Layout layout;
		marks.Set(i, Napi::Boolean::New(env, types.tracepoint(tracepoints.Get(i).As<Napi::String>(), &layout)));
	}
	out.Set("functions", has);
	out.Set("tracepoints", marks);
	return out;
}

/* Functions of the kernel and its modules whose names match. (globs) */
static Napi::Value kernel_functions(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object out = Napi::Object::New(env);
	Napi::Array globs = info[0].As<Napi::Array>(), list = Napi::Array::New(env);
	std::vector<std::string> wanted;
	for (uint32_t i = 0; i < globs.Length(); i++)
		wanted.push_back(globs.Get(i).As<Napi::String>());
	KernelTypes types;
	std::string error = types.open();
	out.Set("error", error);
	if (error.empty())
		for (const KernelFunction &f : types.matching(wanted)) {
			Napi::Object item = Napi::Object::New(env);
			item.Set("name", f.name);
			item.Set("module", f.module);
			item.Set("words", f.words);
			item.Set("usable", Napi::Boolean::New(env, f.usable));
			list.Set(list.Length(), item);
		}
	out.Set("functions", list);
	return out;
}

/* The kernel's filter code on one record, for tests. (struct filter, record, whether addresses and ports that are 0 may become known) */
static Napi::Value accepts(const Napi::CallbackInfo &info)
{
	filter f;
	record r = {};
	facts facts = {};
	Napi::Uint8Array filter_bytes = info[0].As<Napi::Uint8Array>(), record_bytes = info[1].As<Napi::Uint8Array>();
	if (filter_bytes.ByteLength() != sizeof f || record_bytes.ByteLength() > sizeof r)
		return info.Env().Undefined();
	memcpy(&f, filter_bytes.Data(), sizeof f);
	memcpy(&r, record_bytes.Data(), record_bytes.ByteLength());
	facts.packet = r.packet;
	bool later = info[2].As<Napi::Boolean>();
	return Napi::Boolean::New(info.Env(), !f.count || (later ? tests_may_accept(&f, &facts) : tests_accept(&f, &facts)));
}

static Napi::Value layout(const Napi::CallbackInfo &info)
{
	Napi::Object out = Napi::Object::New(info.Env());
#define FIELD(name) out.Set(#name, static_cast<uint32_t>(offsetof(record, name)))
#define PACKET(name) out.Set(#name, static_cast<uint32_t>(offsetof(record, packet.name)))
	FIELD(kind); FIELD(flags); FIELD(fn); FIELD(tid); FIELD(begin); FIELD(duration); FIELD(cpu); FIELD(under);
	FIELD(ret); PACKET(len); PACKET(dev); PACKET(family); PACKET(proto); PACKET(sport); PACKET(dport); PACKET(ipid);
	PACKET(tcp_flags); PACKET(depth); PACKET(seq); PACKET(ack); PACKET(saddr); PACKET(daddr); PACKET(saddr6);
	PACKET(daddr6);
#undef PACKET
#define INSIDE(name) out.Set("tcp_" #name, static_cast<uint32_t>(offsetof(tcp_inside, name)))
	INSIDE(state); INSIDE(new_state); INSIDE(congestion); INSIDE(cwnd); INSIDE(new_cwnd); INSIDE(ssthresh);
	INSIDE(snd_wnd); INSIDE(rcv_wnd); INSIDE(srtt); INSIDE(packets_out); INSIDE(retransmits);
#undef INSIDE
#undef FIELD
	return out;
}

void export_kernel(Napi::Env env, Napi::Object exports)
{
	exports.Set("kernelHas", Napi::Function::New(env, kernel_has));
	exports.Set("kernelFunctions", Napi::Function::New(env, kernel_functions));
	exports.Set("accepts", Napi::Function::New(env, accepts));
	exports.Set("layout", Napi::Function::New(env, layout));
}
