/* SPDX-License-Identifier: GPL-2.0-only */
/* The addon for the demo: hosts in network namespaces, and sockets that Node.js cannot open. */
#include "addon.h"

#include "firewall.h"
#include "netns.h"
#include "sockets.h"

static Napi::Value unshare_network(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), netns::unshare_network());
}

static Napi::Value add_veth(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), netns::add_veth(info[0].As<Napi::String>(), info[1].As<Napi::String>(),
							     info[2].As<Napi::Number>().Int32Value()));
}

static Napi::Value add_address(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), netns::add_address(info[0].As<Napi::String>(), info[1].As<Napi::String>(),
								info[2].As<Napi::Number>().Uint32Value()));
}

static Napi::Value bring_up(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), netns::bring_up(info[0].As<Napi::String>(),
							     info[1].As<Napi::Number>().Uint32Value()));
}

static Napi::Value add_route(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), netns::add_route(info[0].As<Napi::String>(),
							      info[1].As<Napi::Number>().Uint32Value(),
							      info[2].As<Napi::String>()));
}

static Napi::Value firewall(const Napi::CallbackInfo &info)
{
	return Napi::String::New(info.Env(), drop_forwarded(info[0].As<Napi::Number>().Uint32Value()));
}

static Napi::Value open_udp(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), sockets::open_udp(info[0].As<Napi::Boolean>(),
							       info[1].As<Napi::Number>().Int32Value()));
}

static Napi::Value open_ping(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), sockets::open_ping(info[0].As<Napi::Boolean>()));
}

static Napi::Value open_lossy(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), sockets::open_lossy(info[0].As<Napi::String>(),
								 info[1].As<Napi::Number>().Uint32Value(),
								 info[2].As<Napi::Number>().Uint32Value()));
}

void export_demo(Napi::Env env, Napi::Object exports)
{
	exports.Set("unshareNetwork", Napi::Function::New(env, unshare_network));
	exports.Set("addVeth", Napi::Function::New(env, add_veth));
	exports.Set("addAddress", Napi::Function::New(env, add_address));
	exports.Set("bringUp", Napi::Function::New(env, bring_up));
	exports.Set("addRoute", Napi::Function::New(env, add_route));
	exports.Set("dropForwarded", Napi::Function::New(env, firewall));
	exports.Set("openUdp", Napi::Function::New(env, open_udp));
	exports.Set("openPing", Napi::Function::New(env, open_ping));
	exports.Set("openLossy", Napi::Function::New(env, open_lossy));
}
