<?php
// Written by Ansible (cloudpress.lightsail.wordpress_shared_files); changes here are overwritten.
// Runs before every program in a shared directory, and nothing runs after it.
http_response_code( 403 );
exit;
