<?php
/**
 * Plugin Name: Mail by SMTP
 * Description: Sends WordPress's mail by way of the server that wp-config.php names.
 *
 * Written by Ansible (cloudpress.lightsail.wordpress_web_node); changes here are overwritten.
 * Copyright (c) 2026 The cloudpress.lightsail authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

if ( ! defined( 'ABSPATH' ) || ! defined( 'CLOUDPRESS_SMTP_HOST' ) ) {
	return;
}
add_action(
	'phpmailer_init',
	function ( $mailer ) {
		$mailer->isSMTP();
		$mailer->Host        = CLOUDPRESS_SMTP_HOST;
		$mailer->Port        = CLOUDPRESS_SMTP_PORT;
		$mailer->SMTPSecure  = CLOUDPRESS_SMTP_ENCRYPTION;
		$mailer->SMTPAutoTLS = '' !== CLOUDPRESS_SMTP_ENCRYPTION;
		$mailer->Timeout     = 15;
		$mailer->SMTPAuth    = '' !== CLOUDPRESS_SMTP_USER;
		if ( $mailer->SMTPAuth ) {
			$mailer->Username = CLOUDPRESS_SMTP_USER;
			$mailer->Password = CLOUDPRESS_SMTP_PASSWORD;
		}
	}
);
// a plugin that sets a sender of its own keeps it
add_filter(
	'wp_mail_from',
	function ( $from ) {
		return '' !== CLOUDPRESS_MAIL_FROM && 0 === strpos( $from, 'wordpress@' ) ? CLOUDPRESS_MAIL_FROM : $from;
	}
);
add_filter(
	'wp_mail_from_name',
	function ( $name ) {
		return '' !== CLOUDPRESS_MAIL_FROM_NAME && 'WordPress' === $name ? CLOUDPRESS_MAIL_FROM_NAME : $name;
	}
);
