/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the addon's surface, each a file of its own. */
#ifndef PKTTOP_ADDON_H
#define PKTTOP_ADDON_H

#include <napi.h>

void export_capture(Napi::Env env, Napi::Object exports);
void export_demo(Napi::Env env, Napi::Object exports);
void export_kernel(Napi::Env env, Napi::Object exports);

#endif
