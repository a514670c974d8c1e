/* SPDX-License-Identifier: GPL-2.0-only */
/* The addon for --pcap: packets beside the trace. */
#include "addon.h"

#include "capture.h"

static std::unique_ptr<Capture> capture;

static Napi::Value open_capture(const Napi::CallbackInfo &info)
{
	Napi::Array list = info[0].As<Napi::Array>();
	std::vector<std::string> namespaces;
	for (uint32_t i = 0; i < list.Length(); i++)
		namespaces.push_back(list.Get(i).As<Napi::String>());
	capture = std::make_unique<Capture>();
	std::string error = capture->open(namespaces);
	if (!error.empty())
		capture.reset();
	return Napi::String::New(info.Env(), error);
}

static Napi::Value drain_capture(const Napi::CallbackInfo &info)
{
	Napi::Uint8Array to = info[0].As<Napi::Uint8Array>();
	return Napi::Number::New(info.Env(), capture ? capture->drain(to.Data(), to.ByteLength()) : 0);
}

static Napi::Value capture_until(const Napi::CallbackInfo &info)
{
	return Napi::BigInt::New(info.Env(), capture ? capture->until() : uint64_t{0});
}

static Napi::Value capture_dropped(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), capture ? capture->dropped() : 0);
}

static Napi::Value capture_device(const Napi::CallbackInfo &info)
{
	unsigned socket = info[0].As<Napi::Number>().Uint32Value(), ifindex = info[1].As<Napi::Number>().Uint32Value();
	return Napi::String::New(info.Env(), capture ? capture->device(socket, ifindex) : "");
}

static void close_capture(const Napi::CallbackInfo &)
{
	capture.reset();
}

void export_capture(Napi::Env env, Napi::Object exports)
{
	exports.Set("openCapture", Napi::Function::New(env, open_capture));
	exports.Set("drainCapture", Napi::Function::New(env, drain_capture));
	exports.Set("captureUntil", Napi::Function::New(env, capture_until));
	exports.Set("captureDropped", Napi::Function::New(env, capture_dropped));
	exports.Set("captureDevice", Napi::Function::New(env, capture_device));
	exports.Set("closeCapture", Napi::Function::New(env, close_capture));
}
