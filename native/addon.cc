/* SPDX-License-Identifier: GPL-2.0-only */
/* The addon's surface. Types and docs of each function are in src/collector/native.ts, the one file that calls them. */
#include "addon.h"

#include "capture.h"
#include "collector.h"
#include "privileges.h"
#include "terminal.h"

static std::unique_ptr<Collector> collector;

static std::vector<Wanted> wanted_list(const Napi::Array &list)
{
	std::vector<Wanted> out;
	for (uint32_t i = 0; i < list.Length(); i++) {
		Napi::Object item = list.Get(i).As<Napi::Object>();
		Napi::Array names = item.Get("names").As<Napi::Array>();
		Wanted wanted;
		for (uint32_t k = 0; k < names.Length(); k++)
			wanted.names.push_back(names.Get(k).As<Napi::String>());
		wanted.from = item.Get("from").As<Napi::Number>().Uint32Value();
		wanted.late = item.Get("late").As<Napi::Boolean>();
		wanted.inside = item.Get("inside").As<Napi::Boolean>();
		wanted.bytes = item.Get("bytes").As<Napi::Number>().Uint32Value();
		wanted.queue = item.Get("queue").As<Napi::Number>().Uint32Value();
		wanted.hidden = item.Get("hidden").As<Napi::String>();
		wanted.pf = item.Get("pf").As<Napi::Number>().Int32Value();
		wanted.hook = item.Get("hook").As<Napi::Number>().Int32Value();
		out.push_back(wanted);
	}
	return out;
}

namespace {
/* Attaching takes seconds on some kernels: it is done beside the JavaScript thread. */
class Start : public Napi::AsyncWorker {
public:
	Start(Napi::Env env, Options options) : AsyncWorker(env), deferred_(env), options_(std::move(options)) {}
	Napi::Promise promise() const { return deferred_.Promise(); }

protected:
	void Execute() override { error_ = collector->start(options_, &outcomes_); }

	void OnOK() override
	{
		Napi::Env env = Env();
		Napi::Object out = Napi::Object::New(env);
		out.Set("error", error_);
		Napi::Array list = Napi::Array::New(env, outcomes_.size());
		for (size_t i = 0; i < outcomes_.size(); i++) {
			Napi::Object item = Napi::Object::New(env);
			item.Set("name", outcomes_[i].name);
			item.Set("returnsNumber", Napi::Boolean::New(env, outcomes_[i].returns_number));
			item.Set("backend", outcomes_[i].backend);
			item.Set("error", outcomes_[i].error);
			list.Set(i, item);
		}
		out.Set("outcomes", list);
		out.Set("identity", collector->identity());
		Napi::Object cost = Napi::Object::New(env);
		cost.Set("inside", collector->own_cost().cost.inside);
		cost.Set("total", collector->own_cost().cost.total);
		cost.Set("backend", collector->own_cost().backend);
		cost.Set("why", collector->own_cost().why);
		out.Set("ownCost", cost);
		Napi::Object reasons = Napi::Object::New(env);
		if (error_.empty())
			for (const auto &[value, name] : collector->types().enumeration("skb_drop_reason"))
				reasons.Set(static_cast<uint32_t>(value), name);
		out.Set("dropReasons", reasons);
		if (!error_.empty())
			collector.reset();
		deferred_.Resolve(out);
	}

private:
	Napi::Promise::Deferred deferred_;
	Options options_;
	std::vector<Outcome> outcomes_;
	std::string error_;
};
} // namespace

static Napi::Value start(const Napi::CallbackInfo &info)
{
	Napi::Object in = info[0].As<Napi::Object>();
	Napi::Uint8Array filter = in.Get("filter").As<Napi::Uint8Array>();
	Options options;
	options.object = in.Get("object").As<Napi::String>();
	options.backend = in.Get("backend").As<Napi::String>();
	options.functions = wanted_list(in.Get("functions").As<Napi::Array>());
	options.marks = wanted_list(in.Get("marks").As<Napi::Array>());
	options.ring = in.Get("ring").As<Napi::Number>().Uint32Value();
	options.limit = in.Get("limit").As<Napi::Number>().Int64Value();
	options.identity = in.Get("identity").As<Napi::Boolean>();
	options.measure = in.Get("measure").As<Napi::Boolean>();
	options.correct = in.Get("correct").As<Napi::Boolean>();
	bool whole;
	options.base = in.Get("base").As<Napi::BigInt>().Uint64Value(&whole);
	options.filter.assign(filter.Data(), filter.Data() + filter.ByteLength());
	collector = std::make_unique<Collector>();
	auto *work = new Start(info.Env(), std::move(options)); /* deletes itself when it is done */
	work->Queue();
	return work->promise();
}

static void cancel(const Napi::CallbackInfo &)
{
	if (collector)
		collector->cancel();
}

static Napi::Value drain(const Napi::CallbackInfo &info)
{
	Napi::Uint8Array to = info[0].As<Napi::Uint8Array>();
	size_t keep = info[1].IsNumber() ? info[1].As<Napi::Number>().Int64Value() : 0;
	size_t n = collector ? collector->ring().drain(to.Data(), to.ByteLength(), keep) : 0;
	return Napi::Number::New(info.Env(), n);
}

static Napi::Value waiting(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), collector ? collector->ring().waiting() : 0);
}

static Napi::Value ring_fill(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), collector ? collector->ring().fullest() : 0);
}

static Napi::Value set_filter(const Napi::CallbackInfo &info)
{
	Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
	return Napi::Boolean::New(info.Env(), collector && collector->set_filter(bytes.Data(), bytes.ByteLength()));
}

static void set_follow(const Napi::CallbackInfo &info)
{
	if (collector)
		collector->set_follow(info[0].As<Napi::Boolean>());
}

static void set_enabled(const Napi::CallbackInfo &info)
{
	if (collector)
		collector->set_enabled(info[0].As<Napi::Boolean>());
}

static Napi::Value set_switch(const Napi::CallbackInfo &info)
{
	return Napi::Boolean::New(info.Env(), collector && collector->set_switch(info[0].As<Napi::Number>().Uint32Value(),
										    info[1].As<Napi::Boolean>()));
}

static Napi::Value stats(const Napi::CallbackInfo &info)
{
	size_t words = collector ? collector->functions() * sizeof(histogram) / 8 : 0;
	Napi::BigUint64Array out = Napi::BigUint64Array::New(info.Env(), words, napi_biguint64_array);
	if (collector)
		collector->read_stats(out.Data());
	return out;
}

static Napi::Value losses(const Napi::CallbackInfo &info)
{
	Napi::BigUint64Array out = Napi::BigUint64Array::New(info.Env(), 1 + LOSS_CAUSES, napi_biguint64_array);
	memset(out.Data(), 0, out.ByteLength());
	if (collector)
		collector->read_losses(out.Data());
	return out;
}

static Napi::Value devices(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Array list = Napi::Array::New(env);
	const device *table = collector ? collector->devices() : nullptr;
	for (uint32_t i = 0, n = 0; table && i < MAX_DEVICES; i++) {
		if (!table[i].key)
			continue;
		Napi::Object item = Napi::Object::New(env);
		item.Set("dev", i + 1);
		item.Set("ifindex", static_cast<uint32_t>(table[i].key));
		item.Set("netns", static_cast<uint32_t>(table[i].key >> 32));
		item.Set("name", std::string(table[i].name, strnlen(table[i].name, sizeof table[i].name)));
		list.Set(n++, item);
	}
	return list;
}

static void stop(const Napi::CallbackInfo &)
{
	if (collector)
		collector->stop();
}

static Napi::Value clock_offset(const Napi::CallbackInfo &info)
{
	return Napi::BigInt::New(info.Env(), wall_offset());
}

static Napi::Value give_up_root(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), drop_capabilities());
}

static Napi::Value guard_terminal(const Napi::CallbackInfo &info)
{
	Napi::Uint8Array restore = info[1].As<Napi::Uint8Array>();
	return Napi::String::New(info.Env(), terminal::guard(info[0].As<Napi::Number>().Int32Value(), restore.Data(),
							     restore.ByteLength()));
}

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	exports.Set("start", Napi::Function::New(env, start));
	exports.Set("cancel", Napi::Function::New(env, cancel));
	exports.Set("drain", Napi::Function::New(env, drain));
	exports.Set("waiting", Napi::Function::New(env, waiting));
	exports.Set("ringFill", Napi::Function::New(env, ring_fill));
	exports.Set("setFilter", Napi::Function::New(env, set_filter));
	exports.Set("setFollow", Napi::Function::New(env, set_follow));
	exports.Set("setEnabled", Napi::Function::New(env, set_enabled));
	exports.Set("setSwitch", Napi::Function::New(env, set_switch));
	exports.Set("stats", Napi::Function::New(env, stats));
	exports.Set("losses", Napi::Function::New(env, losses));
	exports.Set("devices", Napi::Function::New(env, devices));
	exports.Set("stop", Napi::Function::New(env, stop));
	exports.Set("wallOffset", Napi::Function::New(env, clock_offset));
	exports.Set("dropCapabilities", Napi::Function::New(env, give_up_root));
	exports.Set("guardTerminal", Napi::Function::New(env, guard_terminal));
	export_capture(env, exports);
	export_demo(env, exports);
	export_kernel(env, exports);
	return exports;
}

NODE_API_MODULE(pkttop, init)
